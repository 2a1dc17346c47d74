package pickle

import "github.com/seed-2867d59c/treeport/fault"

// Limits bound what one Decode may cost. A field that is zero has its default; a refusal is a *fault.TooBig that names
// the limit as its flag does (MaxInflated: max-inflated).
type Limits struct {
	MaxInput      int64 // bytes of one file; default 256 GiB
	MaxInflated   int64 // bytes that compressed data may become; default 64 GiB
	MaxRatio      int64 // inflated bytes for each byte of the file, once past 64 MiB; default 200
	MaxMemory     int64 // bytes allocated for values, roughly; arrays that alias the input are free; default 16 GiB
	MaxOpcodes    int64 // opcodes executed; default 2^32
	MaxDictionary int64 // bytes of the dictionary of an xz or lzma stream; default 64 MiB, that of preset 9
	MaxDepth      int64 // containers inside each other (gzip in zip ...); default 4
	MaxMemo       int64 // entries of the memo; default 2^28
	MaxItems      int64 // items of one list, dict, set or tuple; default 2^28
}

// freeInflation is what any file may inflate to whatever its ratio: short files of zeros are ordinary.
const freeInflation = 64 << 20

// CheckInput refuses a file of too many bytes, for files that Decode does not see.
func (l Limits) CheckInput(name string, bytes int) error {
	if int64(bytes) > l.orDefault().MaxInput {
		return fault.TooBigf(fault.Where{File: name}, "max-input", "a file of %d bytes", bytes)
	}
	return nil
}

func (l Limits) orDefault() Limits {
	set := func(field *int64, value int64) {
		if *field <= 0 {
			*field = value
		}
	}
	set(&l.MaxInput, 256<<30)
	set(&l.MaxInflated, 64<<30)
	set(&l.MaxRatio, 200)
	set(&l.MaxMemory, 16<<30)
	set(&l.MaxOpcodes, 1<<32)
	set(&l.MaxDictionary, 64<<20)
	set(&l.MaxDepth, 4)
	set(&l.MaxMemo, 1<<28)
	set(&l.MaxItems, 1<<28)
	return l
}
