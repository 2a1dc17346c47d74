package pickle

// The opcodes, by the names of pickletools.py. A pickle is a sequence of them:
//
//	pickle  = [PROTO version] { opcode argument } STOP
//	argument is, by opcode, nothing; a line of text up to \n; a fixed number of bytes, least significant first (BINFLOAT:
//	most significant first); or a length of 1, 4 or 8 bytes and as many bytes.
//
// Opcodes work on a stack of values, a stack of marks in it, and a memo of values by number.
const (
	opMark           = '('
	opStop           = '.'
	opPop            = '0'
	opPopMark        = '1'
	opDup            = '2'
	opFloat          = 'F'
	opInt            = 'I'
	opBinInt         = 'J'
	opBinInt1        = 'K'
	opLong           = 'L'
	opBinInt2        = 'M'
	opNone           = 'N'
	opPersID         = 'P'
	opBinPersID      = 'Q'
	opReduce         = 'R'
	opString         = 'S'
	opBinString      = 'T'
	opShortBinString = 'U'
	opUnicode        = 'V'
	opBinUnicode     = 'X'
	opAppend         = 'a'
	opBuild          = 'b'
	opGlobal         = 'c'
	opDict           = 'd'
	opEmptyDict      = '}'
	opAppends        = 'e'
	opGet            = 'g'
	opBinGet         = 'h'
	opInst           = 'i'
	opLongBinGet     = 'j'
	opList           = 'l'
	opEmptyList      = ']'
	opObj            = 'o'
	opPut            = 'p'
	opBinPut         = 'q'
	opLongBinPut     = 'r'
	opSetItem        = 's'
	opTuple          = 't'
	opEmptyTuple     = ')'
	opSetItems       = 'u'
	opBinFloat       = 'G'

	opProto    = 0x80 // protocol 2
	opNewObj   = 0x81
	opExt1     = 0x82
	opExt2     = 0x83
	opExt4     = 0x84
	opTuple1   = 0x85
	opTuple2   = 0x86
	opTuple3   = 0x87
	opNewTrue  = 0x88
	opNewFalse = 0x89
	opLong1    = 0x8a
	opLong4    = 0x8b

	opBinBytes      = 'B' // protocol 3
	opShortBinBytes = 'C'

	opShortBinUnicode = 0x8c // protocol 4
	opBinUnicode8     = 0x8d
	opBinBytes8       = 0x8e
	opEmptySet        = 0x8f
	opAddItems        = 0x90
	opFrozenSet       = 0x91
	opNewObjEx        = 0x92
	opStackGlobal     = 0x93
	opMemoize         = 0x94
	opFrame           = 0x95

	opByteArray8     = 0x96 // protocol 5
	opNextBuffer     = 0x97
	opReadOnlyBuffer = 0x98
)

// protocolOf is the protocol in which an opcode first appeared.
var protocolOf = func() (t [256]uint8) {
	for _, op := range "1BJKMTUXQhjqr]})eouG" {
		t[op] = 1
	}
	for op := opProto; op <= opLong4; op++ {
		t[op] = 2
	}
	t[opBinBytes], t[opShortBinBytes] = 3, 3
	for op := opShortBinUnicode; op <= opFrame; op++ {
		t[op] = 4
	}
	for op := opByteArray8; op <= opReadOnlyBuffer; op++ {
		t[op] = 5
	}
	return t
}()

// newest is the highest protocol there is.
const newest = 5
