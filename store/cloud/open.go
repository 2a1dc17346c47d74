//go:build !nocloud

package cloud

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"net/url"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"cloud.google.com/go/storage"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"gocloud.dev/blob"
	"gocloud.dev/blob/azureblob"
	"gocloud.dev/blob/gcsblob"
	_ "gocloud.dev/blob/memblob"
	_ "gocloud.dev/blob/s3blob"
	"gocloud.dev/gcp"

	"github.com/seed-2867d59c/treeport/store"
)

// Open opens the bucket of a URL, or the part of it below a path. What follows a question mark goes to the drivers of gocloud.dev
// (s3://bucket?endpoint=http://localhost:9000&use_path_style=true&region=x); credentials are found as the clouds' own tools find them.
// Nothing is asked of the cloud yet.
func Open(ctx context.Context, raw string) (store.Bucket, error) {
	plain, _, _ := strings.Cut(raw, "?")
	u, err := url.Parse(raw)
	if err != nil {
		var e *url.Error
		if errors.As(err, &e) {
			err = e.Err // e tells the whole URL
		}
		return nil, fmt.Errorf("%s: %w", plain, err)
	}
	prefix := strings.Trim(u.Path, "/")
	name := strings.TrimSuffix(u.Scheme+"://"+u.Host+"/"+prefix, "/")
	if !IsURL(raw) {
		return nil, fmt.Errorf("%s: no URL of a bucket (%s)", plain, strings.Join(schemes, "://, ")+"://")
	}
	if u.Host == "" && u.Scheme != "mem" {
		return nil, fmt.Errorf("%s: the name of the bucket is missing", plain)
	}
	bucket, err := dial(ctx, &url.URL{Scheme: u.Scheme, Host: u.Host, RawQuery: u.RawQuery})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, explain(ctx, err))
	}
	if prefix != "" {
		bucket = blob.PrefixedBucket(bucket, prefix+"/")
	}
	return &objects{name, bucket}, nil
}

func dial(ctx context.Context, u *url.URL) (*blob.Bucket, error) {
	switch u.Scheme {
	case "azblob": // as gocloud does, but with the environment as it is now
		o := &azureblob.URLOpener{MakeClient: azureblob.NewDefaultClient, ServiceURLOptions: *azureblob.NewDefaultServiceURLOptions()}
		return o.OpenBucketURL(ctx, u)
	case "gs":
		// gocloud's way prints to standard output where it finds no credentials, and asks for them also where none are needed.
		q := u.Query()
		anonymous, _ := strconv.ParseBool(q.Get("anonymous"))
		if anonymous || q.Get("access_id") == "-" {
			return (&gcsblob.URLOpener{Client: gcp.NewAnonymousHTTPClient(gcp.DefaultTransport())}).OpenBucketURL(ctx, u)
		}
		if os.Getenv("STORAGE_EMULATOR_HOST") == "" && os.Getenv("STORAGE_EMULATOR_HOST_GRPC") == "" {
			if _, err := gcp.DefaultCredentials(ctx); err != nil {
				return nil, err
			}
		}
	}
	if q := u.Query(); u.Scheme == "s3" && !q.Has("response_checksum_validation") && os.Getenv("AWS_RESPONSE_CHECKSUM_VALIDATION") == "" {
		// The SDK prints a line for each object of a server that tells no checksum, which many do not.
		q.Set("response_checksum_validation", "when_required")
		u.RawQuery = q.Encode()
	}
	b, err := blob.OpenBucket(ctx, u.String())
	if err != nil {
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // around it is the whole URL
		}
		return nil, err
	}
	var client *s3.Client
	if b.As(&client) {
		// Without these, each call would be tried for minutes.
		o := client.Options()
		if o.Region == "" {
			return nil, errors.New("no region: set AWS_REGION, or region= in the URL")
		}
		if o.Credentials != nil && !aws.IsCredentialsProvider(o.Credentials, aws.AnonymousCredentials{}) {
			if _, err := o.Credentials.Retrieve(ctx); err != nil {
				return nil, fmt.Errorf("no credentials: %w", err)
			}
		}
	}
	return b, nil
}

// objects is a bucket of any cloud.
type objects struct {
	name   string
	bucket *blob.Bucket
}

func (b *objects) Name() string { return b.name }
func (b *objects) Close() error { return b.bucket.Close() }

// version is the same whether it comes of a list or of one object's attributes, which as wants for the types of each SDK:
//   - S3: the ETag, which is of the content (its MD5, or one of the MD5s of its parts). Lists do not tell versions of versioned buckets.
//   - Google: the generation, which each write makes anew.
//   - Azure: the ETag, which each write makes anew.
//   - elsewhere (mem): the MD5.
func version(as func(any) bool, etag string, md5 []byte) string {
	var amazon types.Object
	var google storage.ObjectAttrs
	var azure container.BlobItem
	switch {
	case as(&google):
		return strconv.FormatInt(google.Generation, 10)
	case as(&amazon) && amazon.ETag != nil:
		etag = *amazon.ETag
	case as(&azure) && azure.Properties != nil && azure.Properties.ETag != nil:
		etag = string(*azure.Properties.ETag)
	}
	if etag == "" {
		etag = fmt.Sprintf("%x", md5)
	}
	return strings.Trim(etag, `"`) // Azure's lists have none
}

// List reads the whole list before the first object comes: S3's directory buckets and Azure's hierarchical accounts do not sort as others
// do, nor do keys that gocloud has to escape.
func (b *objects) List(ctx context.Context, prefix string) iter.Seq2[store.Object, error] {
	return func(yield func(store.Object, error) bool) {
		var all []store.Object
		for list := b.bucket.List(&blob.ListOptions{Prefix: prefix}); ; {
			if err := ctx.Err(); err != nil { // in memory, nobody else looks
				yield(store.Object{}, err)
				return
			}
			o, err := list.Next(ctx)
			if err == io.EOF {
				break
			}
			if err != nil {
				yield(store.Object{}, b.fail(ctx, "list", prefix, err))
				return
			}
			if !strings.HasSuffix(o.Key, "/") { // what web consoles show as empty folders
				all = append(all, store.Object{Key: o.Key, Size: o.Size, Modified: o.ModTime, Version: version(o.As, "", o.MD5)})
			}
		}
		slices.SortFunc(all, func(a, b store.Object) int { return cmp.Compare(a.Key, b.Key) })
		for _, o := range all {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (b *objects) Stat(ctx context.Context, key string) (store.Object, error) {
	if err := store.CheckKey(key); err != nil {
		return store.Object{}, err
	}
	a, err := b.bucket.Attributes(ctx, key)
	if err != nil {
		return store.Object{}, b.fail(ctx, "stat", key, err)
	}
	etag := a.ETag
	if strings.HasPrefix(b.name, "mem:") {
		etag = "" // lists have none
	}
	return store.Object{Key: key, Size: a.Size, Modified: a.ModTime, Version: version(a.As, etag, a.MD5)}, nil
}

// Open fetches the object into a temporary file, of which no name is left when it returns.
func (b *objects) Open(ctx context.Context, key string) (*store.File, error) {
	if err := store.CheckKey(key); err != nil {
		return nil, err
	}
	r, err := b.bucket.NewReader(ctx, key, &blob.ReaderOptions{BeforeRead: quiet})
	if err != nil {
		return nil, b.fail(ctx, "open", key, err)
	}
	defer r.Close()
	local, err := store.Spool(r)
	if err != nil {
		return nil, b.fail(ctx, "open", key, err)
	}
	// Mapped or read, the bytes need the name no more.
	defer store.RemoveSpooled(local)
	f, err := store.Fetched(b.url(key), local, func(sibling string) (*store.File, error) {
		return b.Open(ctx, path.Join(path.Dir(key), sibling))
	}, nil)
	if err != nil {
		return nil, err
	}
	f.Version, f.VersionID = versionOf(r)
	return f, nil
}

// versionOf is the version of an object that a reader reads, as of lists, and how the cloud names it: of Google that is the generation; S3
// and Azure have a name where versions are kept.
func versionOf(r *blob.Reader) (version, id string) {
	var amazon s3.GetObjectOutput
	var google *storage.Reader
	var azure azblob.DownloadStreamResponse
	switch {
	case r.As(&amazon):
		version, id = aws.ToString(amazon.ETag), aws.ToString(amazon.VersionId)
	case r.As(&google):
		version = strconv.FormatInt(google.Attrs.Generation, 10)
		id = version
	case r.As(&azure):
		if azure.ETag != nil {
			version = string(*azure.ETag)
		}
		id = aws.ToString(azure.VersionID)
	}
	return strings.Trim(version, `"`), id
}

// quiet keeps S3's SDK from printing that an object has no checksum of its whole.
func quiet(as func(any) bool) error {
	var options *[]func(*s3.Options)
	if as(&options) {
		*options = append(*options, func(o *s3.Options) { o.DisableLogOutputChecksumValidationSkipped = true })
	}
	return nil
}

// large is from where on Put looks before it uploads for nothing. The SDKs take less than that in one request.
const large = 5 << 20

// putMark is the metadata by which Put knows an object as its own. The SDKs try again where an answer is lost, and the next try then finds
// an object that is there already, or no more parts that it could complete.
const putMark = "treeport-put"

func (b *objects) Put(ctx context.Context, key string, content io.ReadSeeker, overwrite bool) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	if !overwrite {
		start, err := content.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		end, err := content.Seek(0, io.SeekEnd)
		if err == nil {
			_, err = content.Seek(start, io.SeekStart)
		}
		if err != nil {
			return err
		}
		if end-start >= large {
			if there, err := b.bucket.Exists(ctx, key); err == nil && there {
				return &fs.PathError{Op: "put", Path: b.url(key), Err: fs.ErrExist}
			}
		}
	}
	writing, abort := context.WithCancel(ctx)
	defer abort()
	mine := rand.Text()
	w, err := b.bucket.NewWriter(writing, key, &blob.WriterOptions{IfNotExist: !overwrite, Metadata: map[string]string{putMark: mine}})
	if err != nil {
		return b.fail(ctx, "put", key, err)
	}
	_, err = w.ReadFrom(struct{ io.Reader }{content})
	if err != nil {
		abort() // so that Close writes nothing
	}
	if closed := w.Close(); err == nil {
		err = closed
	}
	if err == nil || ctx.Err() != nil {
		return b.fail(ctx, "put", key, err)
	}
	if a, failed := b.bucket.Attributes(ctx, key); failed == nil && a.Metadata[putMark] == mine {
		return nil
	}
	if !overwrite && isThere(err) {
		return &fs.PathError{Op: "put", Path: b.url(key), Err: fs.ErrExist}
	}
	return b.fail(ctx, "put", key, err)
}

func (b *objects) Delete(ctx context.Context, key string) error {
	if err := store.CheckKey(key); err != nil {
		return err
	}
	err := b.fail(ctx, "delete", key, b.bucket.Delete(ctx, key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// url is how users write an object.
func (b *objects) url(key string) string { return strings.TrimSuffix(b.name, "/") + "/" + key }

// fail names the object in an error of a call, and what kind it is of.
func (b *objects) fail(ctx context.Context, op, key string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: b.url(key), Err: explain(ctx, err)}
}
