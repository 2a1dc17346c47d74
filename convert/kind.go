package convert

import (
	"errors"
	"os"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/store"
)

// Kind is what sort of error something is, in words.
type Kind string

const (
	KindUsage       Kind = "usage"           // options that make no sense
	KindNotEqual    Kind = "not equal"       // an artifact, or answers, that are not equal to the model's
	KindUnsupported Kind = "not supported"   // a model, or something in it, that can't be converted
	KindBroken      Kind = "broken"          // a file that does not follow its format
	KindTooBig      Kind = "too big"         // over a limit
	KindIO          Kind = "input or output" // a file that can't be read or written
	KindInternal    Kind = "internal"        // a fault of treeport itself
)

// KindOf tells what sort of error an error is.
func KindOf(err error) Kind {
	var option *OptionError
	var mismatch *fault.Mismatch
	var unsupported *fault.Unsupported
	var broken *fault.Broken
	var big *fault.TooBig
	switch {
	case errors.As(err, &option):
		return KindUsage
	case errors.As(err, &mismatch):
		return KindNotEqual
	case errors.As(err, &unsupported):
		return KindUnsupported
	case errors.As(err, &broken):
		return KindBroken
	case errors.As(err, &big):
		return KindTooBig
	case isIO(err):
		return KindIO
	}
	return KindInternal
}

// isIO tells whether an error is of the machine (a file that is missing, a disk that is full) and not of a model.
func isIO(err error) bool {
	var path *os.PathError
	var link *os.LinkError
	var call *os.SyscallError
	var stored *store.Error
	return errors.As(err, &path) || errors.As(err, &link) || errors.As(err, &call) || errors.As(err, &stored)
}
