package dvc

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/store"
	"github.com/seed-2867d59c/treeport/store/cloud"
)

// repo is a folder with a .dvc folder in it.
type repo struct {
	root   string
	config map[string]map[string]string // by section, such as core or remote "name", then by key
}

// findRepo looks for the repository of a folder, in it and above it.
func findRepo(dir string) (*repo, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	for at := dir; ; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, ".dvc")); err == nil && info.IsDir() {
			r := &repo{at, map[string]map[string]string{}}
			return r, errors.Join(r.read("config"), r.read("config.local"))
		}
		if at == filepath.Dir(at) {
			return nil, &fs.PathError{Op: "open", Path: dir, Err: errors.New("not in a DVC repository: no .dvc folder here or above")}
		}
	}
}

// read adds a file of configuration to what is known; what it says goes before that. Its grammar is that of configobj:
//
//	['remote "name"']
//	    url = s3://bucket/path   # a comment
//
// Names are the same in upper and lower case. Values may be quoted.
func (r *repo) read(name string) error {
	data, err := os.ReadFile(filepath.Join(r.root, ".dvc", name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	where := fault.Where{File: filepath.Join(".dvc", name)}
	section := ""
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		switch key, value, ok := strings.Cut(line, "="); {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			end := strings.LastIndexByte(line, ']')
			if end < 0 {
				return fault.Brokenf(where, "%q is no section", line)
			}
			section = strings.ToLower(unquote(line[1:end]))
		case !ok || section == "":
			return fault.Brokenf(where, "%q is no setting", line)
		default:
			if r.config[section] == nil {
				r.config[section] = map[string]string{}
			}
			r.config[section][strings.ToLower(unquote(key))] = unquote(value)
		}
	}
	return nil
}

// unquote also cuts a comment off.
func unquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') {
		if end := strings.IndexByte(s[1:], s[0]); end >= 0 {
			return s[1 : end+1]
		}
	}
	s, _, _ = strings.Cut(s, " #")
	return strings.TrimSpace(s)
}

// beside is a path of the configuration, which is relative to the folder of its file.
func (r *repo) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.root, ".dvc", path)
}

// cache is the folder of the cache.
func (r *repo) cache() *store.Folder {
	if dir := r.config["cache"]["dir"]; dir != "" {
		return store.NewFolder(r.beside(dir))
	}
	return store.NewFolder(filepath.Join(r.root, ".dvc", "cache"))
}

// ErrNoRemote says that a repository has no default remote.
var ErrNoRemote = errors.New("there is no default remote")

// kind is how a kind of remote is opened.
type kind struct {
	scheme     string            // of store/cloud
	parameters map[string]string // of its URLs, by the setting that says the same
	idle       string            // settings that change nothing of what is read or written
	written    string            // settings of objects that are written
	instead    string            // what says in the environment what other settings do
}

var (
	google = kind{"gs", map[string]string{"allow_anonymous_login": "anonymous"}, "projectname", "", "GOOGLE_APPLICATION_CREDENTIALS"}
	kinds  = map[string]kind{
		"s3": {"s3", map[string]string{"region": "region", "profile": "profile", "endpointurl": "endpoint", "allow_anonymous_login": "anonymous"},
			"listobjects use_ssl cache_regions read_timeout connect_timeout", "sse sse_kms_key_id acl grant_read grant_read_acp grant_write_acp grant_full_control",
			"AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile"},
		"gs": google, "gcs": google,
		"azure": {"azblob", map[string]string{"account_name": "storage_account"}, "timeout read_timeout connection_timeout exclude_environment_credential " +
			"exclude_visual_studio_code_credential exclude_shared_token_cache_credential exclude_managed_identity_credential", "",
			"AZURE_STORAGE_CONNECTION_STRING, or AZURE_STORAGE_ACCOUNT with AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN"},
	}
)

// idle are the settings of all remotes that change nothing of what is read or written: what is read is verified in any case.
const idle = "url jobs checksum_jobs no_traverse verify version_aware worktree"

// remote opens a remote, by default the default one. A setting that treeport does not know what to do with is an error, unless it only says
// how objects are written and nothing will be.
func (r *repo) remote(ctx context.Context, name string, write bool) (store.Bucket, error) {
	if name == "" {
		if name = r.config["core"]["remote"]; name == "" {
			return nil, ErrNoRemote
		}
	}
	where := fault.Where{Path: "remote " + name}
	c, ok := r.config[`remote "`+strings.ToLower(name)+`"`]
	raw := c["url"]
	if !ok || raw == "" {
		return nil, fault.Brokenf(where, "the configuration has no such remote")
	}
	for _, key := range []string{"version_aware", "worktree"} {
		if strings.EqualFold(c[key], "true") {
			return nil, fault.Unsupportedf(where, "a remote with %s", key)
		}
	}
	scheme, rest, isURL := strings.Cut(raw, "://")
	if !isURL {
		return store.NewFolder(r.beside(raw)), nil
	}
	if scheme == "file" {
		return store.NewFolder(rest), nil
	}
	k, ok := kinds[scheme]
	if !ok {
		return nil, fault.Unsupportedf(where, "a remote of %s://", scheme)
	}
	query := url.Values{}
	for _, key := range slices.Sorted(maps.Keys(c)) {
		says := func(keys string) bool { return slices.Contains(strings.Fields(keys), key) }
		switch parameter := k.parameters[key]; {
		case c[key] == "" || says(idle) || says(k.idle) || says(k.written) && !write:
		case parameter == "":
			return nil, fault.Unsupportedf(where, "the setting %s; treeport takes %s", key, k.instead)
		default:
			query.Set(parameter, c[key])
		}
	}
	if query.Has("endpoint") {
		query.Set("use_path_style", "true")
		if !query.Has("region") && os.Getenv("AWS_REGION")+os.Getenv("AWS_DEFAULT_REGION") == "" {
			query.Set("region", "us-east-1") // DVC needs none for servers other than Amazon's
		}
	}
	bucket, path, _ := strings.Cut(rest, "/")
	b, err := cloud.Open(ctx, (&url.URL{Scheme: k.scheme, Host: bucket, Path: path, RawQuery: query.Encode()}).String())
	if err != nil {
		return nil, err
	}
	return store.Retrying(b, store.Retry{}), nil
}
