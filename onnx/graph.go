package onnx

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/seed-2867d59c/treeport/fault"
	"github.com/seed-2867d59c/treeport/model"
)

// The file as it is read: nodes with their attributes still encoded, since the lists of a forest are decoded straight into
// its arrays.

type file struct {
	producer string
	opsets   map[string]int64
	metadata []model.Property
	nodes    []*node
	consts   map[string]*model.Tensor
	unsigned map[string]*stored // constants of which consts has what is made of them
	inputs   []declared
	outputs  []declared
}

type declared struct {
	name string
	elem int64
	dims []int64 // -1: any
}

type node struct {
	domain, op      string
	inputs, outputs []string
	attrs           map[string]attr
}

// attr is an AttributeProto, undecoded.
type attr []byte

// fields calls do for every field of a message: v is the number of a varint or fixed field, b the content of a
// length-delimited one.
func fields(data []byte, do func(n number, v uint64, b []byte) error) error {
	for len(data) > 0 {
		n, typ, size := protowire.ConsumeTag(data)
		if size < 0 {
			return fault.Brokenf(fault.Where{}, "no protobuf message: %v", protowire.ParseError(size))
		}
		data = data[size:]
		var v uint64
		var b []byte
		switch typ {
		case varint:
			v, size = protowire.ConsumeVarint(data)
		case fixed32:
			var w uint32
			w, size = protowire.ConsumeFixed32(data)
			v = uint64(w)
		case fixed64:
			v, size = protowire.ConsumeFixed64(data)
		case bytesT:
			b, size = protowire.ConsumeBytes(data)
			if b == nil {
				b = []byte{}
			}
		default:
			return fault.Brokenf(fault.Where{}, "no protobuf message: wire type %d", typ)
		}
		if size < 0 {
			return fault.Brokenf(fault.Where{}, "no protobuf message: %v", protowire.ParseError(size))
		}
		data = data[size:]
		if err := do(n, v, b); err != nil {
			return err
		}
	}
	return nil
}

// parseFile takes a file apart. Constants that equal expected ones share their items.
func parseFile(data []byte, expected []*model.Tensor) (*file, error) {
	f := &file{opsets: map[string]int64{}, consts: map[string]*model.Tensor{}, unsigned: map[string]*stored{}}
	var graph []byte
	err := fields(data, func(n number, v uint64, b []byte) error {
		switch n {
		case modelProducer:
			f.producer = string(b)
		case modelGraph:
			graph = b
		case modelOpset:
			var domain string
			var version int64
			if err := fields(b, func(n number, v uint64, b []byte) error {
				switch n {
				case opsetDomain:
					domain = string(b)
				case opsetVersion:
					version = int64(v)
				}
				return nil
			}); err != nil {
				return err
			}
			f.opsets[domain] = version
		case modelMetadata:
			var p model.Property
			if err := fields(b, func(n number, _ uint64, b []byte) error {
				switch n {
				case entryKey:
					p.Key = string(b)
				case entryValue:
					p.Value = string(b)
				}
				return nil
			}); err != nil {
				return err
			}
			f.metadata = append(f.metadata, p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if graph == nil {
		return nil, fault.Brokenf(fault.Where{}, "no ONNX model: it has no graph")
	}
	if err := f.parseGraph(graph, expected); err != nil {
		return nil, err
	}
	return f, f.foldCasts(expected)
}

func (f *file) parseGraph(data []byte, expected []*model.Tensor) error {
	return fields(data, func(n number, _ uint64, b []byte) error {
		switch n {
		case graphNode:
			nd, err := parseNode(b)
			f.nodes = append(f.nodes, nd)
			return err
		case graphInit:
			name, s, err := parseTensor(b)
			switch {
			case err != nil:
				return err
			case s.unsigned():
				f.unsigned[name] = s
			default:
				f.consts[name] = s.tensor(expected)
			}
			return nil
		case graphInput, graphOutput:
			d, err := parseDeclared(b)
			if n == graphInput {
				f.inputs = append(f.inputs, d)
			} else {
				f.outputs = append(f.outputs, d)
			}
			return err
		}
		return nil
	})
}

func parseNode(data []byte) (*node, error) {
	nd := &node{attrs: map[string]attr{}}
	err := fields(data, func(n number, _ uint64, b []byte) error {
		switch n {
		case nodeInput:
			nd.inputs = append(nd.inputs, string(b))
		case nodeOutput:
			nd.outputs = append(nd.outputs, string(b))
		case nodeOp:
			nd.op = string(b)
		case nodeDomain:
			nd.domain = string(b)
		case nodeAttr:
			name := ""
			if err := fields(b, func(n number, _ uint64, b []byte) error {
				if n == attrName {
					name = string(b)
				}
				return nil
			}); err != nil {
				return err
			}
			if _, twice := nd.attrs[name]; twice {
				return fault.Brokenf(fault.Where{}, "attribute %s stands twice", name)
			}
			nd.attrs[name] = b
		}
		return nil
	})
	return nd, err
}

func parseDeclared(data []byte) (declared, error) {
	d := declared{}
	err := fields(data, func(n number, _ uint64, b []byte) error {
		switch n {
		case valueName:
			d.name = string(b)
		case valueType:
			return fields(b, func(n number, _ uint64, b []byte) error {
				if n != typeTensor {
					return nil
				}
				return fields(b, func(n number, v uint64, b []byte) error {
					switch n {
					case tensorTypeElem:
						d.elem = int64(v)
					case tensorTypeShape:
						return fields(b, func(n number, _ uint64, b []byte) error {
							if n != shapeDim {
								return nil
							}
							dim := int64(-1)
							err := fields(b, func(n number, v uint64, _ []byte) error {
								if n == dimValue {
									dim = int64(v)
								}
								return nil
							})
							d.dims = append(d.dims, dim)
							return err
						})
					}
					return nil
				})
			})
		}
		return nil
	})
	return d, err
}
