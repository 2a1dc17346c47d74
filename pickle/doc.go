// Package pickle reads Python pickles, and the files that joblib makes of them, as plain data. It knows bytes, numpy's
// arrays and joblib's containers, and nothing of what the objects in them mean. Nothing is ever imported or called: a
// class or function is its name, and what a pickle asks to be called is kept as an Object that says so.
//
// Two functions and one type carry most uses:
//
//	doc, err := pickle.Decode(pickle.Source{Name: name, Data: data}, pickle.Limits{})
//	obj, ok := doc.Root.(*pickle.Object)
//	value, ok := obj.Attr("threshold")
//
// Sources: PEP 307 (protocol 2), PEP 3154 (protocol 4), PEP 574 (protocol 5), pickletools.py of CPython;
// numpy_pickle.py and numpy_pickle_compat.py of joblib 0.8 to 1.5; methods.c and descriptor.c of numpy 1.11 to 2.3.
package pickle
