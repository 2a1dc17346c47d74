package pmml

import (
	"bytes"
	"strconv"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/forest"
	"github.com/seed-2867d59c/treeport/model"
)

// Read decodes a PMML file: what Write makes exactly, and other writers' trees and forests as far as they say the same
// things (see grammar in write.go). Beyond that grammar it takes
//
//   - missingValueStrategy defaultChild, and comparisons on both sides of a split;
//   - lessThan and greaterOrEqual;
//   - more or fewer than two children, and noTrueChildStrategy returnLastPrediction, as sklearn2pmml compacts trees;
//   - ScoreDistribution by probability.
//
// Of chains with expressions it takes those that Write makes (see grammar in writesheet.go).
//
// Where a split says nothing about NaN, engines have no answer for it; the forest refuses NaN then. What is not known is a
// *fault.Unsupported that names it, what contradicts itself a *fault.Broken, and more than the limits a *fault.TooBig.
func Read(data []byte, lim Limits) (*model.Model, error) { return ReadExpecting(data, lim, nil) }

// ReadExpecting is Read where a model is expected: the one that was written, say. Trees that are equal to the expected ones, node
// by node and to the bit, share their memory, and so have their numbering of nodes and leaf rows. Nothing else
// depends on what is expected, whatever that is; nil is nothing. Its forests must have been checked (forest.Check).
func ReadExpecting(data []byte, lim Limits, expected *model.Model) (*model.Model, error) {
	lim = lim.withDefaults(len(data))
	r := &reader{scanner: scanner{data: data, depth: lim.Depth, idle: lim.Idle}, lim: lim, expected: forestsOf(expected)}
	p, err := r.file()
	if err != nil {
		return nil, err
	}
	if r.sheet != nil {
		r.sheet.origin = p.origin
		m := r.sheet.program()
		if _, err := m.Types(); err != nil {
			return nil, err
		}
		for _, out := range m.Outputs {
			if labels, ok := m.Op(out.Value).(*model.Lookup); ok && out.Method == model.Predict {
				if err := lim.model().Classes(fault.In("output "+out.Name), labels.Table.Rows()); err != nil {
					return nil, err
				}
			}
		}
		return m, nil
	}
	m := p.program()
	if _, err := m.Types(); err != nil {
		return nil, err
	}
	return m, nil
}

type reader struct {
	scanner
	lim        Limits
	nodes      int // so far
	trees      int // so far
	cells      int // so far
	fields     map[string]*dataField
	columns    []string
	position   map[string]int32 // of a feature among the columns
	literal    map[string]int32 // the same, by the names as they stand in most files
	input      forest.Precision
	tree       treeReader
	expected   []*forest.Forest // in the order of the file
	ensembles  int              // so far
	own        bool             // Write made the file
	shape      string           // of the inputs, where the file is a sheet; shapeValue is its value
	shapeValue []byte
	sheet      *sheet
}

// dataField is an entry of the DataDictionary.
type dataField struct {
	name, optype, dataType string
	values                 []string
	order                  int
}

// countNode counts a node that begins, and refuses one too many.
func (r *reader) countNode() error {
	if r.nodes++; r.nodes > r.lim.Nodes {
		return r.lim.model().Nodes(fault.At(int64(r.at)), r.nodes)
	}
	return nil
}

// countTree counts a tree that begins, and refuses one too many.
func (r *reader) countTree() error {
	r.trees++
	return r.lim.model().Trees(fault.At(int64(r.at)), r.trees)
}

// each calls do at every child of the element whose start was read last, and returns behind the element's end. do must
// read to its element's end.
func (r *reader) each(do func() error) error {
	for {
		t, err := r.next()
		if err != nil {
			return err
		}
		if t == tokenEnd {
			return nil
		}
		if t == tokenEOF {
			return r.broken("the file ends early")
		}
		if err := do(); err != nil {
			return err
		}
	}
}

// skip reads to the end of the element whose start was read last.
func (r *reader) skip() error {
	for depth := 1; depth > 0; {
		t, err := r.next()
		switch {
		case err != nil:
			return err
		case t == tokenStart:
			depth++
		default:
			depth--
		}
	}
	return nil
}

// unsupported refuses the element whose start was read last.
func (r *reader) unsupported(format string, args ...any) error {
	return fault.Unsupportedf(fault.At(int64(r.at)), format, args...)
}

func (r *reader) refuseElement() error { return r.unsupported("PMML's element %s here", r.name) }

// text is an attribute's text, empty where there is none.
func (r *reader) text(key string) (string, error) { return r.decode(r.raw(key)) }

// allow refuses an attribute that says other than the values.
func (r *reader) allow(key string, values ...string) error {
	v := r.raw(key)
	if v == nil {
		return nil
	}
	for _, allowed := range values {
		if string(v) == allowed {
			return nil
		}
	}
	return r.unsupported("PMML with %s %q", key, v)
}

// file reads the whole.
func (r *reader) file() (*plan, error) {
	if err := r.start(); err != nil {
		return nil, err
	}
	t, err := r.next()
	if err != nil {
		return nil, err
	}
	if t != tokenStart || string(r.name) != "PMML" {
		return nil, r.broken("no PMML element")
	}
	if v := r.raw("version"); !bytes.HasPrefix(v, []byte("4.")) && !bytes.HasPrefix(v, []byte("3.")) {
		return nil, r.unsupported("PMML of version %q", v)
	}
	p := &plan{}
	err = r.each(func() error {
		switch string(r.name) {
		case "Header":
			return r.header(p)
		case "MiningBuildTask", "Extension":
			return r.skip()
		case "TransformationDictionary":
			return r.each(r.onlyExtensions)
		case "DataDictionary":
			if r.fields != nil {
				return r.broken("a second DataDictionary")
			}
			return r.dictionary()
		case "TreeModel", "MiningModel":
			if r.own && r.shape != "" && r.sheet == nil {
				return r.readSheet(p)
			}
			if p.targets != nil || r.sheet != nil {
				return r.unsupported("a second model in the file")
			}
			return r.models(p)
		}
		return r.refuseElement()
	})
	if err != nil {
		return nil, err
	}
	if t, err := r.next(); err != nil || t != tokenEOF {
		return nil, r.broken("more behind the PMML element")
	}
	if len(p.targets) == 0 && r.sheet == nil {
		return nil, r.broken("no model")
	}
	p.columns = r.columns
	return p, nil
}

func (r *reader) onlyExtensions() error {
	if string(r.name) != "Extension" {
		return r.refuseElement()
	}
	return r.skip()
}

// header reads the origin.
func (r *reader) header(p *plan) error {
	return r.each(func() error {
		if string(r.name) == "Extension" && r.raw("name") != nil {
			key, err := r.text("name")
			if err != nil {
				return err
			}
			value, err := r.text("value")
			if err != nil {
				return err
			}
			p.origin = append(p.origin, model.Property{Key: key, Value: value})
		}
		if string(r.name) == "Application" {
			r.own = string(r.raw("name")) == application
		}
		return r.skip()
	})
}

func (r *reader) dictionary() error {
	r.fields = map[string]*dataField{}
	return r.each(func() error {
		if string(r.name) == "Extension" {
			r.shape, r.shapeValue = string(r.raw("name")), r.raw("value")
			return r.skip()
		}
		if string(r.name) != "DataField" {
			return r.refuseElement()
		}
		f := &dataField{order: len(r.fields)}
		for _, a := range []struct {
			key string
			to  *string
		}{{"name", &f.name}, {"optype", &f.optype}, {"dataType", &f.dataType}} {
			var err error
			if *a.to, err = r.text(a.key); err != nil {
				return err
			}
		}
		if r.fields[f.name] != nil {
			return r.broken("two fields are called %q", f.name)
		}
		r.fields[f.name] = f
		if err := r.allow("isCyclic", "0"); err != nil {
			return err
		}
		return r.each(func() error {
			if string(r.name) != "Value" {
				return r.onlyExtensions()
			}
			v, err := r.text("value")
			if err != nil {
				return err
			}
			if string(r.raw("property")) == "missing" && v == "" {
				return r.skip()
			}
			f.values = append(f.values, v)
			if err := r.allow("property", "valid"); err != nil {
				return err
			}
			return r.skip()
		})
	})
}

// number reads a decimal: XML's doubles without infinities and NaN, as every engine reads it.
func number(text []byte, bits int) (float64, bool) {
	if bits == 64 {
		if v, n := decimal(text); n > 0 && n == len(text) {
			return v, true
		}
	}
	if len(text) == 0 || len(text) > 400 {
		return 0, false
	}
	for _, c := range text {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false
		}
	}
	v, err := strconv.ParseFloat(string(text), bits)
	if err != nil && v-v == 0 { // beyond the largest number is an infinity, as in Java
		return 0, false
	}
	return v, true
}
