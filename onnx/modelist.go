package onnx

import "google.golang.org/protobuf/encoding/protowire"

// modeList reads the modes of nodes, which are strings.
type modeList struct {
	*list
}

func (m *modeList) next() (string, bool) {
	if m.list == nil {
		return "", false
	}
	for len(m.data) > 0 && !m.bad {
		n, typ, size := protowire.ConsumeTag(m.data)
		if size < 0 {
			m.bad = true
			break
		}
		if n == attrStrings && typ == bytesT {
			b, used := protowire.ConsumeBytes(m.data[size:])
			if used < 0 {
				m.bad = true
				break
			}
			m.data = m.data[size+used:]
			return internMode(b), true
		}
		used := protowire.ConsumeFieldValue(n, typ, m.data[size:])
		if used < 0 {
			m.bad = true
			break
		}
		m.data = m.data[size+used:]
	}
	return "", false
}

// internMode spares an allocation for each node of a usual mode.
func internMode(b []byte) string {
	switch string(b) {
	case "LEAF":
		return "LEAF"
	case "BRANCH_LEQ":
		return "BRANCH_LEQ"
	}
	return string(b)
}
