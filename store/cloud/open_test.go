//go:build !nocloud

package cloud

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/seed-2867d59c/treeport/internal/buckets"
	"github.com/seed-2867d59c/treeport/store"
)

func TestMemory(t *testing.T) {
	for _, url := range []string{"mem://", "mem:///some/prefix/"} {
		t.Run(url, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			buckets.Check(t, func(t *testing.T) store.Bucket {
				b, err := Open(t.Context(), url)
				if err != nil {
					t.Fatal(err)
				}
				return b
			})
			if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
				t.Error("left behind", left, err)
			}
		})
	}
}

func TestNames(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "key")
	t.Setenv("AZURE_STORAGE_KEY", "a2V5")
	for url, want := range map[string]string{
		"s3://bucket?region=x":                           "s3://bucket",
		"s3://bucket/?region=x":                          "s3://bucket",
		"s3://bucket/a/b/?region=x&anonymous=true":       "s3://bucket/a/b",
		"gs://bucket/a?anonymous=true":                   "gs://bucket/a",
		"azblob://container/a%20b?storage_account=store": "azblob://container/a b",
	} {
		b, err := Open(t.Context(), url)
		if err != nil {
			t.Error(url, err)
			continue
		}
		if b.Name() != want {
			t.Errorf("%s: named %s", url, b.Name())
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, variable := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"} {
		t.Setenv(variable, "")
	}
	none := t.TempDir() + "/none"
	for _, variable := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "GOOGLE_APPLICATION_CREDENTIALS"} {
		t.Setenv(variable, none)
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	for url, want := range map[string]string{
		"s3://?region=x":                   "name of the bucket",
		"s3://bucket?secret=x":             "unknown query parameter",
		"s3://bucket":                      "no region",
		"s3://bucket?region=x":             "no credentials",
		"s3://bucket?region=x&fips=secret": "fips",
		"gs://bucket":                      "none", // the file of credentials
		"gs://bucket?secret=x":             "none",
		"azblob://c?secret=x":              "unknown query parameter",
		"azblob://c?domain=secret":         "AccountName",
		"ftp://host/x?secret":              "no URL of a bucket",
		"s3://bu%zz?secret":                "bu%zz",
	} {
		_, err := Open(t.Context(), url)
		if err == nil {
			t.Error(url, "opens")
			continue
		}
		text := err.Error()
		query := url[strings.Index(url, "?")+1:]
		if !strings.Contains(text, want) || strings.ContainsAny(text, "\n") || strings.Contains(url, "?") && strings.Contains(text, query) {
			t.Errorf("%s: %q", url, text)
		}
	}
}

// TestVersionID has a server that tells versions as Azure does, of which no emulator keeps any.
func TestVersionID(t *testing.T) {
	t.Setenv("AZURE_STORAGE_ACCOUNT", "a")
	t.Setenv("AZURE_STORAGE_KEY", "dG9wc2VjcmV0")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/kept") {
			w.Header().Set("x-ms-version-id", "2026-01-02T03:04:05.6789012Z")
		}
		w.Header().Set("ETag", `"0x1"`)
		w.Header().Set("Last-Modified", "Fri, 02 Jan 2026 03:04:05 GMT")
		fmt.Fprint(w, "content")
	}))
	defer server.Close()
	b, err := Open(t.Context(), "azblob://container?protocol=http&localemu=true&domain="+strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for key, want := range map[string]string{"kept": "2026-01-02T03:04:05.6789012Z", "single": ""} {
		f, err := b.Open(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if string(f.Data) != "content" || f.VersionID != want || f.Version != "0x1" {
			t.Errorf("%s: %q of the version %q", key, f.Data, f.VersionID)
		}
		if again := f.Under("other", nil); again.VersionID != "" || again.Version != "" {
			t.Errorf("under another name it is of the version %q", again.VersionID)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestFailures has a server that answers every request by one status.
func TestFailures(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "id")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "topsecret")
	t.Setenv("AZURE_STORAGE_ACCOUNT", "a")
	t.Setenv("AZURE_STORAGE_KEY", "dG9wc2VjcmV0")
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	status := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("x-ms-error-code", "SomeCode")
		w.WriteHeader(status)
		if strings.HasPrefix(r.URL.Path, "/storage/") {
			fmt.Fprintf(w, `{"error": {"code": %d, "message": "Some\nMessage"}}`, status)
			return
		}
		fmt.Fprint(w, "<Error><Code>SomeCode</Code><Message>Some\nMessage</Message></Error>")
	}))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	t.Setenv("STORAGE_EMULATOR_HOST", host)
	for _, url := range []string{
		"s3://bucket/p?region=x&use_path_style=true&endpoint=" + server.URL,
		"gs://bucket/p",
		"azblob://bucket/p?protocol=http&localemu=true&domain=" + host,
	} {
		b, err := Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		for code, want := range map[int]error{401: fs.ErrPermission, 403: fs.ErrPermission, 404: fs.ErrNotExist, 418: nil} {
			status = code
			_, opened := b.Open(t.Context(), "d/k")
			_, stat := b.Stat(t.Context(), "d/k")
			var listed error
			for _, listed = range b.List(t.Context(), "d/k") {
			}
			put := b.Put(t.Context(), "d/k", strings.NewReader("x"), false)
			for _, err := range []error{opened, stat, listed, put} {
				if err == nil {
					t.Errorf("%s, %d: no error", b.Name(), code)
					continue
				}
				for _, kind := range []error{fs.ErrPermission, fs.ErrNotExist, fs.ErrExist} {
					if errors.Is(err, kind) != (kind == want) {
						t.Errorf("%s, %d: %v: is it that %v", b.Name(), code, err, kind)
					}
				}
				text := err.Error()
				if !strings.Contains(text, b.Name()+"/d/k: ") || strings.ContainsAny(text, "\r\n") || strings.Contains(text, host) || len(text) > 400 {
					t.Errorf("%s, %d: %q", b.Name(), code, text)
				}
			}
		}
	}
}
