package pickle

import (
	"io"

	"github.com/ulikunitz/xz"
)

func openXZ(_ *decoder, in *input) (io.Reader, error) { return xz.NewReader(in) }
