package pickle

import (
	"bytes"
	"errors"
	"sync/atomic"

	"github.com/seed-2867d59c/treeport/fault"
)

// Source is an opened file: its bytes, usually a read-only mapping, and a way to open the files beside it. Values may
// alias Data, which must stay readable and unchanged as long as they are used.
type Source struct {
	Name string
	Data []byte
	// Sibling reads a file of the same folder, for joblib's formats of several files; nil where there are none. The name
	// is a bare file name that the model gave.
	Sibling func(name string) ([]byte, error)
	// Built is told of each object of compressed data as soon as it has its state, so that arrays can be thinned out before the next
	// ones come; those of other data take no memory. nil: nobody is told.
	Built func(o *Object)
	// Watch is told of each thing that loading the file with Python would do, in order and before anything else is read, so that it
	// knows of those in files that turn out to be broken; nil: nobody is told.
	Watch func(e Event)
	// Idle is told of parts of Data that were inflated or passed, and are not looked at for a while; nil: nobody is.
	Idle func(part []byte)
}

// Document is what a file holds.
type Document struct {
	Root   Value
	Layers []string // containers, outermost first: zip gzip zlib bz2 xz lzma lz4 zfile, then joblib; empty for a plain pickle
	// Protocol is the highest seen, by PROTO or by the opcodes used; joblib's nested pickles count.
	Protocol int
	Joblib   *Joblib     // nil for a plain pickle, and for a joblib file without arrays, which is one
	Globals  []GlobalUse // every name in the file, in order of appearance
	Size     int64       // bytes of the innermost stream; of skops, of the archive's members
	Trailing int64       // bytes after the last pickle
	More     []Value     // further whole pickles; Python's load returns just the first
	Python2  bool        // whether byte-string opcodes were seen, which Python 3 never writes
	Skops    string      // release of skops that wrote the file; empty for pickles. Protocol is skops' own then
	Library  string      // whose own format the file has, of a booster; empty for pickles. Protocol means nothing then
}

// GlobalUse tells of a name in a file.
type GlobalUse struct {
	Global Global
	Offset int64 // of the opcode that named it first, in the decompressed stream
	Called bool  // whether it is called somewhere, or something made an instance of it
}

// Joblib tells how joblib wrote a file.
type Joblib struct {
	Module  string // module of the wrapper class, which tells a bundled joblib from one of its own
	Layout  string // 0.8, 0.9 (which often look the same: then 0.9) or 0.10+
	Aligned bool   // whether the arrays are aligned, as from joblib 1.2 on
	Arrays  int    // arrays outside of the pickle proper
}

// maxMore is how many further pickles are read; what lies behind them counts as trailing bytes.
const maxMore = 16

// decoder is the state that the pickles of one file share.
type decoder struct {
	src              Source
	lim              Limits
	doc              *Document
	in               *input        // the one being read
	outermost        *bytes.Reader // of the file's own bytes, where a decompressor reads them
	passed           int64         // bytes of inputs read before it
	ops              int64
	memory           int64             // what is left
	packed, inflated atomic.Int64      // bytes of files, and of what decompressors made of them, on whatever core
	beside           map[string][]byte // the files beside that were opened
	every            bool              // whether arrays are read that are no model, for Each
	seen
	uses  map[Global]int // index into doc.Globals and names
	boxes []Value        // the same, as values
	names map[any]uint64 // numbers of parts of keys
}

// seen is what opcodes tell about who wrote them.
type seen struct {
	protocol    uint8
	byteStrings bool
}

// Decode reads a file. It never runs anything, and bounds its own cost by lim, whatever the bytes say.
func Decode(src Source, lim Limits) (*Document, error) {
	d := newDecoder(src, lim)
	if err := d.checkInput(); err != nil {
		return nil, inFile(err, src.Name)
	}
	if err := d.decode(overSlice(src.Data)); err != nil {
		return nil, inFile(err, src.Name)
	}
	return d.doc, nil
}

func newDecoder(src Source, lim Limits) *decoder {
	d := &decoder{src: src, lim: lim.orDefault(), doc: &Document{}, uses: map[Global]int{}}
	d.memory = d.lim.MaxMemory
	return d
}

// checkInput notes how many bytes the file has.
func (d *decoder) checkInput() error {
	n := int64(len(d.src.Data))
	if n > d.lim.MaxInput {
		return fault.TooBigf(fault.Where{}, "max-input", "a file of %d bytes", n)
	}
	d.packed.Store(n)
	return nil
}

func (d *decoder) decode(in *input) error {
	doc := d.doc
	in, err := d.open(in)
	if err != nil {
		return err
	}
	d.in = in
	if in.src != nil {
		defer d.readAhead(in).close()
	}
	if d.every && in.more(len(npyMagic)) && string(in.buf[in.pos:in.pos+len(npyMagic)]) == npyMagic {
		return d.pickleInArray(in)
	}
	if doc.Root, err = (&machine{d: d, in: in, arrays: true}).run(); err != nil {
		return err
	}
	end := in.offset()
	for len(doc.More) < maxMore && in.more(1) {
		before, frame, named := d.seen, in.frameEnd, len(doc.Globals)
		v, err := (&machine{d: d, in: in, arrays: true}).run()
		if err != nil {
			var big *fault.TooBig
			if errors.As(err, &big) {
				return err
			}
			d.seen, in.frameEnd = before, frame
			for _, use := range doc.Globals[named:] {
				delete(d.uses, use.Global)
			}
			doc.Globals, d.boxes = doc.Globals[:named], d.boxes[:named]
			break
		}
		doc.More = append(doc.More, v)
		end = in.offset()
	}
	if err := in.drain(); err != nil {
		return err
	}
	doc.Size = in.offset()
	doc.Trailing = doc.Size - end
	if in.frameEnd > doc.Size {
		return fault.Brokenf(fault.At(doc.Size), "a FRAME reaches beyond the end of the data")
	}
	doc.Protocol, doc.Python2 = int(d.protocol), d.byteStrings
	if doc.Joblib != nil {
		doc.Layers = append(doc.Layers, "joblib")
	}
	return nil
}

// idleAtATime is how many bytes of a file are inflated or passed before Idle is told.
const idleAtATime = 1 << 20

// inflatedSoFar tells Idle of what the outermost decompressor has read.
func (d *decoder) inflatedSoFar() func() {
	r, from := d.outermost, 0
	if r == nil || d.src.Idle == nil {
		return func() {}
	}
	start := len(d.src.Data) - int(r.Size())
	return func() {
		if to := int(r.Size()) - r.Len(); to-from >= idleAtATime {
			d.src.Idle(d.src.Data[start+from : start+to])
			from = to
		}
	}
}

// maxName is the longest name of a class or function; each use of one costs its length.
const maxName = 4096

// name is a Global as a value, one for each name, and notes where it was first seen.
func (d *decoder) name(g Global, at int64) (Value, error) {
	if len(g.Module)+len(g.Name) > maxName {
		return nil, fault.Brokenf(fault.At(at), "a name of %d bytes", len(g.Module)+len(g.Name))
	}
	i, ok := d.uses[g]
	if !ok {
		if err := d.spend(4 * stepCost); err != nil {
			return nil, err
		}
		i = len(d.boxes)
		d.uses[g] = i
		d.boxes = append(d.boxes, g)
		d.doc.Globals = append(d.doc.Globals, GlobalUse{Global: g, Offset: at})
	}
	return d.boxes[i], nil
}

func (d *decoder) called(g Global) {
	if i, ok := d.uses[g]; ok {
		d.doc.Globals[i].Called = true
	}
}

// freeMemory may be allocated whatever the file's size. Beyond, values may cost workFactor bytes for each byte read,
// which no pickle comes near unless it copies the same list again and again.
const (
	freeMemory = 64 << 20
	workFactor = 100
)

// spend notes an allocation of n bytes, before it is made.
func (d *decoder) spend(n int64) error {
	d.memory -= n
	at := d.passed + d.in.offset()
	if d.memory < 0 || d.lim.MaxMemory-d.memory > freeMemory+workFactor*at {
		return d.spent(d.in.offset())
	}
	return nil
}

// turnTo makes another input the one that pays for memory, until the function it returns is called.
func (d *decoder) turnTo(in *input) (back func()) {
	before := d.in
	d.passed += before.offset()
	d.in = in
	return func() {
		d.passed += in.offset() - before.offset()
		d.in = before
	}
}

// spent is the refusal once opcodes or memory are used up.
func (d *decoder) spent(at int64) error {
	if d.ops > d.lim.MaxOpcodes {
		return fault.TooBigf(fault.At(at), "max-opcodes", "more than %d opcodes", d.lim.MaxOpcodes)
	}
	return fault.TooBigf(fault.At(at), "max-memory", "values of %d MiB after %d bytes", (d.lim.MaxMemory-d.memory)>>20, at)
}

// inFile gives an error the name of the file it is in, unless it has one.
func inFile(err error, name string) error {
	var where *fault.Where
	switch e := err.(type) {
	case *fault.Broken:
		where = &e.Where
	case *fault.Unsupported:
		where = &e.Where
	case *fault.TooBig:
		where = &e.Where
	case *fault.Mismatch:
		where = &e.Where
	}
	if where != nil && where.File == "" {
		where.File = name
	}
	return err
}
