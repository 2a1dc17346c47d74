package conformance

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cloud.google.com/go/storage"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/seed-2867d59c/treeport/pipelines"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/store/cloud"
	"github.com/seed-2867d59c/treeport/verify"
)

// command builds treeport.
func command(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "treeport")
	cmd := exec.Command("go", "build", "-o", name, "./cmd/treeport")
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	return name
}

// hangUp marks a request whose answer is to be lost.
type hangUp struct{}

// failing is a proxy before a server that fails every fifth request: in turn it refuses it, or does it and hangs up.
func failing(t *testing.T, address string, signed bool) string {
	t.Helper()
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: "http", Host: address})
		if signed {
			r.Out.Host = r.In.Host
		}
	}}
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	proxy.ModifyResponse = func(r *http.Response) error {
		if r.Request.Context().Value(hangUp{}) != nil {
			return http.ErrAbortHandler
		}
		return nil
	}
	var requests atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch requests.Add(1) % 10 {
		case 0:
			http.Error(w, "busy", http.StatusServiceUnavailable)
		case 5:
			proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), hangUp{}, true)))
		default:
			proxy.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(front.Close)
	return strings.TrimPrefix(front.URL, "http://")
}

// TestPipelinesClouds converts models of a bucket into it, by 16 processes of which every fourth is killed and started again, over servers
// that fail a fifth of all requests. Then every model stands in the manifests once, and its artifact is what a folder has.
func TestPipelinesClouds(t *testing.T) {
	const models, shards = 48, 16
	treeport := command(t)
	local := t.TempDir()
	kinds := []string{"py311-sk1.7.2/rf_clf/default.pkl", "py313-sk1.9.1/dt_reg/default.pkl", "py311-sk1.7.2/gb_clf_multi/default.pkl"}
	contents := map[string][]byte{}
	for i := range models {
		data, err := os.ReadFile(filepath.Join("../testdata", kinds[i%len(kinds)]))
		if err != nil {
			t.Fatal(err)
		}
		key := fmt.Sprintf("d%d/m%02d.pkl", i%5, i)
		contents[key] = data
		if err := store.NewFolder(filepath.Join(local, "in")).Put(t.Context(), key, bytes.NewReader(data), false); err != nil {
			t.Fatal(err)
		}
	}
	runs(t, exec.Command(treeport, "convert", filepath.Join(local, "in"), "--to", "onnx", "-o", filepath.Join(local, "out")))
	for name, start := range clouds {
		t.Run(name, func(t *testing.T) {
			address, at := start(t)
			in, err := cloud.Open(t.Context(), fmt.Sprintf(at(address), "in"))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			for key, data := range contents {
				if err := in.Put(t.Context(), key, bytes.NewReader(data), false); err != nil {
					t.Fatal(err)
				}
			}
			front := at(failing(t, address, name == "versitygw"))
			runs(t, exec.Command(treeport, "scan", fmt.Sprintf(front, "in/d0"))) // nothing but honest models
			all := make([]*exec.Cmd, shards)
			begin := func(i int) {
				all[i] = exec.Command(treeport, "convert", fmt.Sprintf(front, "in/**/*.pkl"), "--to", "onnx", "-o", fmt.Sprintf(front, "out"),
					"--shard", fmt.Sprintf("%d/%d", i+1, shards))
				said := &bytes.Buffer{}
				all[i].Stdout, all[i].Stderr = said, said
				if err := all[i].Start(); err != nil {
					t.Fatal(err)
				}
			}
			for i := range shards {
				begin(i)
			}
			time.Sleep(300 * time.Millisecond)
			for i := 0; i < shards; i += 4 {
				_ = all[i].Process.Kill()
				_ = all[i].Wait()
				begin(i)
			}
			for i, cmd := range all {
				// A shard may have no model, which is nothing wrong.
				if err := cmd.Wait(); err != nil {
					t.Errorf("shard %d: %v: %s", i+1, err, cmd.Stdout)
				}
			}
			out, err := cloud.Open(t.Context(), fmt.Sprintf(at(address), "out"))
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			times, seen := map[string]int{}, 0
			for o, err := range out.List(t.Context(), "") {
				if err != nil {
					t.Fatal(err)
				}
				f, err := out.Open(t.Context(), o.Key)
				if err != nil {
					t.Fatal(err)
				}
				if strings.HasPrefix(o.Key, "treeport.manifest") {
					for _, line := range bytes.Split(bytes.TrimSpace(f.Data), []byte("\n")) {
						var r pipelines.Record
						if err := json.Unmarshal(line, &r); err != nil || r.Status != pipelines.Equal {
							t.Errorf("%s: %s %v", o.Key, line, err)
						}
						times[path.Base(r.Source)]++
					}
				} else {
					seen++
					want, err := os.ReadFile(filepath.Join(local, "out", filepath.FromSlash(o.Key)))
					if err != nil || !bytes.Equal(f.Data, want) {
						t.Errorf("%s is not what the folder has: %v", o.Key, err)
					}
				}
				_ = f.Close()
			}
			if seen != 2*models || len(times) != models {
				t.Errorf("%d artifacts and certificates, %d models in the manifests", seen, len(times))
			}
			for source, n := range times {
				if n != 1 {
					t.Errorf("%s stands %d times in the manifests", source, n)
				}
			}
		})
	}
}

// TestPipelinesVersions converts a model that was written twice: the manifest names the version that was read as the cloud's own SDK does.
func TestPipelinesVersions(t *testing.T) {
	treeport := command(t)
	told := map[string]func(address, key string) (string, error){
		"versitygw": func(address, key string) (string, error) {
			client := amazon(address)
			o, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("models"), Key: &key})
			if err != nil {
				return "", err
			}
			return *o.VersionId, nil
		},
		"fake-gcs-server": func(_, key string) (string, error) {
			client, err := storage.NewClient(t.Context())
			if err != nil {
				return "", err
			}
			defer client.Close()
			o, err := client.Bucket("models").Object(key).Attrs(t.Context())
			if err != nil {
				return "", err
			}
			return strconv.FormatInt(o.Generation, 10), nil
		},
		"azurite": func(string, string) (string, error) { return "", nil }, // which keeps no versions
	}
	for name, start := range clouds {
		t.Run(name, func(t *testing.T) {
			address, at := start(t)
			if name == "versitygw" {
				_, err := amazon(address).PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: aws.String("models"),
					VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
				if err != nil {
					t.Fatal(err)
				}
			}
			in, err := cloud.Open(t.Context(), fmt.Sprintf(at(address), "in"))
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			out := t.TempDir()
			seen := map[string]bool{}
			for _, model := range []string{"rf_clf", "rf_reg"} {
				data, err := os.ReadFile("../testdata/py311-sk1.7.2/" + model + "/default.pkl")
				if err != nil {
					t.Fatal(err)
				}
				if err := in.Put(t.Context(), "m.pkl", bytes.NewReader(data), true); err != nil {
					t.Fatal(err)
				}
				want, err := told[name](address, "in/m.pkl")
				if err != nil || want == "" && name != "azurite" || want != "" && seen[want] {
					t.Fatalf("the SDK tells the version %q: %v", want, err)
				}
				seen[want] = true
				listed, err := in.Stat(t.Context(), "m.pkl")
				if err != nil {
					t.Fatal(err)
				}
				for range 2 { // the second run goes on from the first
					runs(t, exec.Command(treeport, "convert", fmt.Sprintf(at(address), "in"), "--to", "onnx", "-o", out))
					text, err := os.ReadFile(filepath.Join(out, "treeport.manifest.jsonl"))
					if err != nil {
						t.Fatal(err)
					}
					var r pipelines.Record
					if err := json.Unmarshal(text, &r); err != nil {
						t.Fatal(err)
					}
					sum := sha256.Sum256(data)
					if r.VersionID != want || r.SHA256 != hex.EncodeToString(sum[:]) || r.Version != listed.Version {
						t.Errorf("%s is recorded, not the version %q", text, want)
					}
				}
			}
		})
	}
}

// amazon is the SDK's client of versitygw.
func amazon(address string) *s3.Client {
	return s3.New(s3.Options{BaseEndpoint: aws.String("http://" + address), Region: "us-east-1", UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider("test", "testtest", "")})
}

// runs fails where a command does.
func runs(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
}

// TestPipelinesRuntimes asks the real runtimes in a run, each of its own format.
func TestPipelinesRuntimes(t *testing.T) {
	treeport := command(t)
	onnxruntime, err := Python("onnxruntime-1.32")
	if err != nil {
		t.Fatal(err)
	}
	jpmml, err := Python("jpmml")
	if err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs("../testdata/runtimes/run_jpmml.py")
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	cmd := exec.Command(treeport, "convert", "../testdata/iris_forest.joblib", "--to", "onnx,pmml", "-o", out, "--runtime", "jpmml",
		"--runtime", "onnxruntime:"+filepath.Dir(filepath.Dir(onnxruntime)))
	cmd.Env = append(os.Environ(), "TREEPORT_JPMML="+jpmml+" "+script)
	runs(t, cmd)
	text, err := os.ReadFile(filepath.Join(out, "treeport.manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var r pipelines.Record
	if err := json.Unmarshal(bytes.TrimSpace(text), &r); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"onnxruntime 1.32", "jpmml"} {
		var asked []string
		for _, c := range r.Artifact[i].Report.Checks {
			if c.Kind == verify.InRuntime {
				asked = append(asked, c.Against)
			}
		}
		if len(asked) != 1 || !strings.HasPrefix(asked[0], want) {
			t.Errorf("%s: asked %q, want %s", r.Artifact[i].Name, asked, want)
		}
	}
}

// TestPipelinesDVC converts models that only a remote of the real DVC has, and adds what was made. The real DVC finds nothing to say, and
// restores it elsewhere.
func TestPipelinesDVC(t *testing.T) {
	treeport := command(t)
	r := newDVCRepo(t)
	r.dvc("remote", "add", "-d", "far", t.TempDir())
	model, err := os.ReadFile("../testdata/py311-sk1.7.2/rf_clf/default.pkl")
	if err != nil {
		t.Fatal(err)
	}
	r.write(map[string][]byte{"models/m.pkl": model})
	r.dvc("add", "-q", "models/m.pkl")
	r.dvc("push", "-q")
	for _, gone := range []string{"models/m.pkl", ".dvc/cache"} {
		if err := os.RemoveAll(r.path(gone)); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(treeport, "convert", "models/m.pkl.dvc", "--to", "onnx,pmml", "-o", "out", "--dvc")
	cmd.Dir = r.dir
	runs(t, cmd)
	if said := r.dvc("status", "out/m.onnx.dvc", "out/m.pmml.dvc"); !strings.Contains(said, "up to date") {
		t.Error(said)
	}
	want, err := os.ReadFile(r.path("out/m.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{"out/m.onnx", "out/m.pmml", ".dvc/cache"} {
		if err := os.RemoveAll(r.path(gone)); err != nil {
			t.Fatal(err)
		}
	}
	r.dvc("pull", "-q", "out/m.onnx.dvc", "out/m.pmml.dvc")
	if got, err := os.ReadFile(r.path("out/m.onnx")); err != nil || !bytes.Equal(got, want) {
		t.Error("dvc pull restores something else: ", err)
	}
}
