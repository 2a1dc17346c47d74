package cloud

import "testing"

func TestIsURL(t *testing.T) {
	for name, want := range map[string]bool{
		"s3://bucket/a/b": true, "gs://bucket": true, "azblob://container?domain=x": true, "mem://": true,
		"s3:/bucket": false, "model.pkl": false, "s3": false, "": false, "file:///x": false, "https://x/y": false, "dir/s3://x": false, "S3://x": false,
	} {
		if IsURL(name) != want {
			t.Errorf("%q: %v", name, !want)
		}
	}
}
