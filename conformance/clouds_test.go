package conformance

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/seed-2867d59c/treeport/internal/buckets"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/store/cloud"
)

// clouds are servers that speak as the three clouds do. Each starts one, with a bucket or container named "models", and returns its
// address and the URL by which a test reaches it at that or another address.
var clouds = map[string]func(t *testing.T) (address string, url func(address string) string){
	"versitygw": func(t *testing.T) (string, func(string) string) {
		root := t.TempDir()
		if err := os.Mkdir(filepath.Join(root, "models"), 0o777); err != nil {
			t.Fatal(err)
		}
		t.Setenv("AWS_ACCESS_KEY_ID", "test")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "testtest")
		return serve(t)(S3(root, t.TempDir())), func(address string) string {
			return "s3://models/%s?region=us-east-1&use_path_style=true&endpoint=http://" + address
		}
	},
	"fake-gcs-server": func(t *testing.T) (string, func(string) string) {
		return serve(t)(GoogleStorage(t.Context(), "models")), func(address string) string {
			t.Setenv("STORAGE_EMULATOR_HOST", address)
			return "gs://models/%s"
		}
	},
	"azurite": func(t *testing.T) (string, func(string) string) {
		t.Setenv("AZURE_STORAGE_ACCOUNT", AzuriteAccount)
		t.Setenv("AZURE_STORAGE_KEY", AzuriteKey)
		address := serve(t)(Azurite(t.TempDir()))
		key, err := container.NewSharedKeyCredential(AzuriteAccount, AzuriteKey)
		if err != nil {
			t.Fatal(err)
		}
		models, err := container.NewClientWithSharedKeyCredential("http://"+address+"/"+AzuriteAccount+"/models", key, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := models.Create(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		return address, func(address string) string {
			return "azblob://models/%s?protocol=http&localemu=true&domain=" + address
		}
	},
}

func serve(t *testing.T) func(*Server, error) string {
	return func(s *Server, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		return s.Address
	}
}

// opening opens another folder of the bucket each time.
func opening(url string, wrap func(store.Bucket) store.Bucket) func(t *testing.T) store.Bucket {
	n := 0
	return func(t *testing.T) store.Bucket {
		n++
		b, err := cloud.Open(t.Context(), fmt.Sprintf(url, fmt.Sprint("folder-", n)))
		if err != nil {
			t.Fatal(err)
		}
		return wrap(b)
	}
}

func TestClouds(t *testing.T) {
	for name, start := range clouds {
		t.Run(name, func(t *testing.T) {
			address, url := start(t)
			buckets.Check(t, opening(url(address), func(b store.Bucket) store.Bucket { return b }))
		})
	}
}

// TestCloudsPages lists more objects than one answer holds.
func TestCloudsPages(t *testing.T) {
	const count = 2100
	for name, start := range clouds {
		t.Run(name, func(t *testing.T) {
			address, url := start(t)
			b := opening(url(address), func(b store.Bucket) store.Bucket { return b })(t)
			defer b.Close()
			want := make([]string, count)
			var group sync.WaitGroup
			for part := range 8 {
				group.Go(func() {
					for i := part; i < count; i += 8 {
						want[i] = fmt.Sprintf("d/%d", i)
						if err := b.Put(t.Context(), want[i], strings.NewReader(want[i]), true); err != nil {
							t.Error(err)
						}
					}
				})
			}
			group.Wait()
			var got []string
			for o, err := range b.List(t.Context(), "d/") {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, o.Key)
			}
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("%d keys are listed, or in another order than %d", len(got), len(want))
			}
		})
	}
}

// TestCloudsLossy has a proxy before each server, which lets every ninth request be done and then hangs up instead of answering. Each
// write is one all the same, and others' writes are seen as others'.
func TestCloudsLossy(t *testing.T) {
	for name, start := range clouds {
		t.Run(name, func(t *testing.T) {
			address, target := start(t)
			proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(&url.URL{Scheme: "http", Host: address})
				if name == "versitygw" {
					r.Out.Host = r.In.Host // it is signed
				}
			}}
			var requests, lost atomic.Int64
			proxy.ModifyResponse = func(*http.Response) error {
				if requests.Add(1)%9 == 0 {
					lost.Add(1)
					return http.ErrAbortHandler
				}
				return nil
			}
			proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
			front := httptest.NewServer(proxy)
			defer front.Close()
			quick := store.Retry{First: time.Millisecond, Longest: 10 * time.Millisecond, Total: time.Minute}
			buckets.Check(t, opening(target(strings.TrimPrefix(front.URL, "http://")), func(b store.Bucket) store.Bucket { return store.Retrying(b, quick) }))
			if lost.Load() < 10 {
				t.Errorf("only %d of %d answers were lost", lost.Load(), requests.Load())
			}
			t.Logf("%d of %d answers were lost", lost.Load(), requests.Load())
		})
	}
}

// TestCloudsSay has what can't be reached or is not there: errors of one line that tell the object, not the secrets.
func TestCloudsSay(t *testing.T) {
	for name, start := range clouds {
		t.Run(name, func(t *testing.T) {
			address, url := start(t)
			missing := strings.Replace(fmt.Sprintf(url(address), "d"), "models", "elsewhere", 1)
			b, err := cloud.Open(t.Context(), missing)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			err = b.Put(t.Context(), "k", bytes.NewReader([]byte("x")), false)
			if err == nil || !strings.Contains(err.Error(), "elsewhere/d/k: file does not exist") || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("a missing bucket: %v", err)
			}
		})
	}
}
