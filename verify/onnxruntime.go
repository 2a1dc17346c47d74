//go:build (linux || darwin || windows) && (amd64 || arm64) && !noonnxruntime

package verify

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"unsafe"

	"github.com/seed-2867d59c/treeport/model"
)

// runRows is how many rows onnxruntime gets at once: a row table holds rows x trees x outputs numbers while it runs.
const runRows = 4096

// OpenONNXRuntime loads onnxruntime into this process, from where FindONNXRuntime finds it.
func OpenONNXRuntime(place string) (Runtime, error) {
	path, err := FindONNXRuntime(place)
	if err != nil {
		return nil, err
	}
	// dlopen takes a name without a slash for one to be searched for.
	if path, err = filepath.Abs(path); err != nil {
		return nil, err
	}
	api, err := loadORT(path)
	if err != nil {
		return nil, err
	}
	o := &onnxRuntime{ortAPI: api}
	if err := o.check(o.createEnv(ortLogFatal, "treeport", &o.env)); err != nil {
		return nil, err
	}
	return o, o.check(o.defaultAllocator(&o.allocator))
}

type onnxRuntime struct {
	*ortAPI
	env       uintptr
	allocator uintptr // belongs to the library
}

func (o *onnxRuntime) Name() string    { return "onnxruntime" }
func (o *onnxRuntime) Version() string { return o.version }

func (o *onnxRuntime) Close() error {
	if o.env != 0 {
		o.releaseEnv(o.env)
		o.env = 0
	}
	return nil
}

func (o *onnxRuntime) Run(job Job) (map[string]*model.Tensor, error) {
	if len(job.Data) == 0 || len(job.Inputs) == 0 {
		return nil, fmt.Errorf("a job without a model or without inputs")
	}
	session, err := o.session(job.Data, max(job.Threads, 1))
	if err != nil {
		return nil, err
	}
	defer o.releaseSession(session)
	names, err := o.outputNames(session)
	if err != nil {
		return nil, err
	}
	outputs := map[string]*model.Tensor{}
	rows := job.Inputs[0].Values.Rows()
	for from := 0; from < rows; from += runRows {
		part := make([]NamedInput, len(job.Inputs))
		for i, in := range job.Inputs {
			part[i] = NamedInput{in.Name, rowsOf(in.Values, from, min(rows, from+runRows))}
		}
		if err := o.batch(session, part, names, outputs); err != nil {
			return nil, err
		}
	}
	return outputs, nil
}

// rowsOf is the rows from to to-1, sharing the items.
func rowsOf(t *model.Tensor, from, to int) *model.Tensor {
	n := t.RowLen()
	part := &model.Tensor{Kind: t.Kind, Shape: append([]int{to - from}, t.Shape[1:]...)}
	switch {
	case t.Kind.IsFloat():
		part.Float = t.Float[from*n : to*n]
	case t.Kind == model.String:
		part.Text = t.Text[from*n : to*n]
	default:
		part.Int = t.Int[from*n : to*n]
	}
	return part
}

func (o *onnxRuntime) session(data []byte, threads int) (session uintptr, err error) {
	var options uintptr
	if err := o.check(o.createOptions(&options)); err != nil {
		return 0, err
	}
	defer o.releaseOptions(options)
	if err := o.check(o.setIntraOpThreads(options, int32(threads))); err != nil {
		return 0, err
	}
	if err := o.check(o.setInterOpThreads(options, 1)); err != nil {
		return 0, err
	}
	err = o.check(o.createSession(o.env, unsafe.Pointer(unsafe.SliceData(data)), uintptr(len(data)), options, &session))
	runtime.KeepAlive(data)
	return session, err
}

func (o *onnxRuntime) outputNames(session uintptr) ([]string, error) {
	var count uintptr
	if err := o.check(o.outputCount(session, &count)); err != nil {
		return nil, err
	}
	names := make([]string, count)
	for i := range names {
		var name uintptr
		if err := o.check(o.outputName(session, uintptr(i), o.allocator, &name)); err != nil {
			return nil, err
		}
		names[i] = goString(name)
		if err := o.check(o.free(o.allocator, name)); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// batch runs some rows and appends the answers to outputs. Answers other than tensors (a ZipMap's) are left out.
func (o *onnxRuntime) batch(session uintptr, inputs []NamedInput, names []string, outputs map[string]*model.Tensor) error {
	var pins runtime.Pinner
	defer pins.Unpin()
	values := make([]uintptr, len(inputs))
	answers := make([]uintptr, len(names))
	defer func() {
		for _, value := range append(values, answers...) {
			if value != 0 {
				o.releaseValue(value)
			}
		}
	}()
	inputNames := make([]string, len(inputs))
	for i, in := range inputs {
		inputNames[i] = in.Name
		var err error
		if values[i], err = o.toORT(in.Values); err != nil {
			return fmt.Errorf("input %s: %w", in.Name, err)
		}
	}
	inNames, err := cStrings(inputNames, &pins)
	if err != nil {
		return err
	}
	outNames, err := cStrings(names, &pins)
	if err != nil {
		return err
	}
	err = o.check(o.run(session, 0, pointer(inNames), pointer(values), uintptr(len(values)), pointer(outNames), uintptr(len(names)), pointer(answers)))
	runtime.KeepAlive(inNames)
	runtime.KeepAlive(outNames)
	if err != nil {
		return err
	}
	for i, name := range names {
		t, err := o.fromORT(answers[i])
		if err != nil {
			return fmt.Errorf("output %s: %w", name, err)
		}
		if t == nil {
			continue
		}
		if old := outputs[name]; old != nil {
			old.Shape[0] += t.Shape[0]
			old.Float, old.Int, old.Text = append(old.Float, t.Float...), append(old.Int, t.Int...), append(old.Text, t.Text...)
		} else {
			outputs[name] = t
		}
	}
	return nil
}

// cStrings makes texts that end with a zero, which live as long as pins.
func cStrings(texts []string, pins *runtime.Pinner) ([]uintptr, error) {
	out := make([]uintptr, len(texts))
	for i, s := range texts {
		if strings.IndexByte(s, 0) >= 0 {
			return nil, fmt.Errorf("a text with a zero byte: %q", s)
		}
		b := append([]byte(s), 0)
		pins.Pin(&b[0])
		out[i] = uintptr(unsafe.Pointer(&b[0]))
	}
	return out, nil
}

// pointer is where a slice's items are.
func pointer[T any](items []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(items)) }

// goString copies a C string.
func goString(p uintptr) string {
	if p == 0 {
		return ""
	}
	// Not unsafe.Pointer(p), which vet can't tell from a stale Go pointer: p is the library's memory.
	start := *(**byte)(unsafe.Pointer(&p))
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(start), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(start, n))
}
