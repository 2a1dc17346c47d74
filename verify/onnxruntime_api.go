//go:build (linux || darwin || windows) && (amd64 || arm64) && !noonnxruntime

package verify

import (
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/ebitengine/purego"
)

// The C API of onnxruntime (onnxruntime_c_api.h): OrtGetApiBase answers a pointer to OrtApiBase, {GetApi(version),
// GetVersionString()}; GetApi answers a pointer to OrtApi, a struct of function pointers that only ever grows at its end.
// All that are used here have been there since version 1 of the API; the numbers are their places in the struct.
// Most answer an OrtStatus: null, or an error that must be released.
const (
	ortGetErrorMessage           = 2
	ortCreateEnv                 = 3
	ortCreateSessionFromArray    = 8
	ortRun                       = 9
	ortCreateSessionOptions      = 10
	ortSetIntraOpNumThreads      = 24
	ortSetInterOpNumThreads      = 25
	ortSessionGetOutputCount     = 31
	ortSessionGetOutputName      = 37
	ortCreateTensorAsOrtValue    = 48
	ortIsTensor                  = 50
	ortGetTensorMutableData      = 51
	ortFillStringTensor          = 52
	ortGetStringTensorDataLength = 53
	ortGetStringTensorContent    = 54
	ortGetTensorElementType      = 60
	ortGetDimensionsCount        = 61
	ortGetDimensions             = 62
	ortGetTensorTypeAndShape     = 65
	ortAllocatorFree             = 76
	ortGetAllocatorWithDefaults  = 78
	ortReleaseEnv                = 92
	ortReleaseStatus             = 93
	ortReleaseSession            = 95
	ortReleaseValue              = 96
	ortReleaseTensorTypeAndShape = 99
	ortReleaseSessionOptions     = 100
	ortFunctions                 = 101 // as many are looked at
	ortAPIVersion                = 12  // what is asked for; onnxruntime 1.N has versions 1 to N
	ortLogFatal                  = 4
)

// ortAPI is the part of OrtApi that is used here. Pointers to the library's own objects are uintptr.
type ortAPI struct {
	version            string
	errorMessage       func(status uintptr) string
	createEnv          func(level int32, id string, out *uintptr) uintptr
	createSession      func(env uintptr, model unsafe.Pointer, size uintptr, options uintptr, out *uintptr) uintptr
	run                func(session, options uintptr, inputNames, inputs unsafe.Pointer, inputCount uintptr, outputNames unsafe.Pointer, outputCount uintptr, outputs unsafe.Pointer) uintptr
	createOptions      func(out *uintptr) uintptr
	setIntraOpThreads  func(options uintptr, threads int32) uintptr
	setInterOpThreads  func(options uintptr, threads int32) uintptr
	outputCount        func(session uintptr, out *uintptr) uintptr
	outputName         func(session, i, allocator uintptr, out *uintptr) uintptr
	createTensor       func(allocator uintptr, shape unsafe.Pointer, dimensions uintptr, kind int32, out *uintptr) uintptr
	isTensor           func(value uintptr, out *int32) uintptr
	tensorData         func(value uintptr, out *unsafe.Pointer) uintptr
	fillStrings        func(value uintptr, texts unsafe.Pointer, count uintptr) uintptr
	stringsLength      func(value uintptr, out *uintptr) uintptr
	stringsContent     func(value uintptr, bytes unsafe.Pointer, size uintptr, offsets unsafe.Pointer, count uintptr) uintptr
	typeAndShape       func(value uintptr, out *uintptr) uintptr
	elementType        func(info uintptr, out *int32) uintptr
	dimensionsCount    func(info uintptr, out *uintptr) uintptr
	dimensions         func(info uintptr, out unsafe.Pointer, count uintptr) uintptr
	defaultAllocator   func(out *uintptr) uintptr
	free               func(allocator, p uintptr) uintptr
	releaseEnv         func(uintptr)
	releaseStatus      func(uintptr)
	releaseSession     func(uintptr)
	releaseValue       func(uintptr)
	releaseTypeAndSize func(uintptr)
	releaseOptions     func(uintptr)
}

// loadORT loads the library. It stays loaded: its threads and static objects do not survive being taken out.
func loadORT(path string) (*ortAPI, error) {
	library, err := openLibrary(path)
	if err != nil {
		return nil, err
	}
	entry, err := symbol(library, "OrtGetApiBase")
	if err != nil {
		return nil, fmt.Errorf("%s is not onnxruntime: %w", path, err)
	}
	var getBase func() *[2]uintptr
	purego.RegisterFunc(&getBase, entry)
	base := getBase()
	var getAPI func(version uint32) *[ortFunctions]uintptr
	var getVersion func() string
	purego.RegisterFunc(&getAPI, base[0])
	purego.RegisterFunc(&getVersion, base[1])
	functions := getAPI(ortAPIVersion)
	if functions == nil {
		functions = getAPI(1)
	}
	if functions == nil {
		return nil, fmt.Errorf("%s (%s) has neither version %d of the API nor 1", path, getVersion(), ortAPIVersion)
	}
	a := &ortAPI{version: getVersion()}
	for _, f := range []struct {
		to any
		at int
	}{
		{&a.errorMessage, ortGetErrorMessage}, {&a.createEnv, ortCreateEnv}, {&a.createSession, ortCreateSessionFromArray}, {&a.run, ortRun},
		{&a.createOptions, ortCreateSessionOptions}, {&a.setIntraOpThreads, ortSetIntraOpNumThreads}, {&a.setInterOpThreads, ortSetInterOpNumThreads},
		{&a.outputCount, ortSessionGetOutputCount}, {&a.outputName, ortSessionGetOutputName}, {&a.createTensor, ortCreateTensorAsOrtValue},
		{&a.isTensor, ortIsTensor}, {&a.tensorData, ortGetTensorMutableData}, {&a.fillStrings, ortFillStringTensor},
		{&a.stringsLength, ortGetStringTensorDataLength}, {&a.stringsContent, ortGetStringTensorContent}, {&a.typeAndShape, ortGetTensorTypeAndShape},
		{&a.elementType, ortGetTensorElementType}, {&a.dimensionsCount, ortGetDimensionsCount}, {&a.dimensions, ortGetDimensions},
		{&a.defaultAllocator, ortGetAllocatorWithDefaults}, {&a.free, ortAllocatorFree}, {&a.releaseEnv, ortReleaseEnv},
		{&a.releaseStatus, ortReleaseStatus}, {&a.releaseSession, ortReleaseSession}, {&a.releaseValue, ortReleaseValue},
		{&a.releaseTypeAndSize, ortReleaseTensorTypeAndShape}, {&a.releaseOptions, ortReleaseSessionOptions},
	} {
		purego.RegisterFunc(f.to, functions[f.at])
	}
	return a, nil
}

// check makes an error of a status, and releases it.
func (a *ortAPI) check(status uintptr) error {
	if status == 0 {
		return nil
	}
	defer a.releaseStatus(status)
	return errors.New(strings.TrimSpace(a.errorMessage(status)))
}
