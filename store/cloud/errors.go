//go:build !nocloud

package cloud

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/aws/smithy-go"
	"gocloud.dev/gcerrors"
	"google.golang.org/api/googleapi"
)

// failure is an error of an SDK in one line, of a kind that every bucket's errors have.
type failure struct {
	text string
	is   []error // the error itself; before it its kind, if it has one
}

func (f *failure) Error() string   { return f.text }
func (f *failure) Unwrap() []error { return f.is }

// explain makes one line of an SDK's error. Theirs have many, with requests and URLs in them that may hold a signature.
func explain(ctx context.Context, err error) error {
	text := oneLine(said(err))
	if kind := kindOf(ctx, err); kind != nil {
		return &failure{fmt.Sprintf("%v (%s)", kind, text), []error{kind, err}}
	}
	return &failure{text, []error{err}}
}

// kindOf tells what the error is to others: gone, forbidden, given up; nil where another try may help.
func kindOf(ctx context.Context, err error) error {
	var noRetry interface{ NonRetriable() } // how Azure's SDK says that it found no credentials
	var unknown *net.DNSError
	status, code := statusOf(err), gcerrors.Code(err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	// gocloud takes Google's 403 for a missing object, and others' DNS errors and wrong regions.
	case status == http.StatusUnauthorized, status == http.StatusForbidden, code == gcerrors.PermissionDenied, errors.As(err, &noRetry):
		return fs.ErrPermission
	case status == http.StatusNotFound, code == gcerrors.NotFound && status == 0 && !errors.As(err, &unknown):
		return fs.ErrNotExist
	case code == gcerrors.InvalidArgument:
		return fs.ErrInvalid
	}
	return nil
}

// isThere says of the error of a conditional write whether the object was there already. gocloud's code alone is that of other errors too.
func isThere(err error) bool {
	switch statusOf(err) {
	case http.StatusPreconditionFailed:
		return true
	case 0, http.StatusConflict: // no HTTP; Azure
		return gcerrors.Code(err) == gcerrors.FailedPrecondition
	}
	return false
}

// statusOf is the status of the HTTP response that an error tells of; 0: of none.
func statusOf(err error) int {
	var amazon interface{ HTTPStatusCode() int }
	var google *googleapi.Error
	var azure *azcore.ResponseError
	switch {
	case errors.As(err, &amazon):
		return amazon.HTTPStatusCode()
	case errors.As(err, &google):
		return google.Code
	case errors.As(err, &azure):
		return azure.StatusCode
	}
	return 0
}

// said is what the service said, or what befell the request to it.
func said(err error) string {
	var amazon smithy.APIError
	var google *googleapi.Error
	var azure *azcore.ResponseError
	var request *url.Error
	switch {
	case errors.As(err, &amazon):
		return amazon.ErrorCode() + ": " + amazon.ErrorMessage()
	case errors.As(err, &google) && google.Message != "":
		return google.Message
	case errors.As(err, &azure):
		return fmt.Sprintf("%d %s", azure.StatusCode, azure.ErrorCode)
	case errors.As(err, &request):
		return request.Err.Error()
	}
	return err.Error()
}

// maxLine cuts what services may say at any length.
const maxLine = 300

func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	text = strings.TrimSuffix(strings.Join(strings.Fields(text), " "), ":")
	if len(text) > maxLine {
		text = strings.ToValidUTF8(text[:maxLine], "") + "…"
	}
	return text
}
