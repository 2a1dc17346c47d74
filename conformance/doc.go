// Package conformance holds treeport's files against the programs that its users have: onnxruntime from the oldest
// supported release to the newest, two PMML engines, onnx's checker, the PMML schema, and two Go libraries that read
// pickles and ONNX on their own. What is expected is always what scikit-learn, or another real program, answered.
//
// It is a module of its own, so that none of this is a dependency of treeport. README.md says how to run it.
package conformance
