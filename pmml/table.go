package pmml

import "cmp"

// bin is a DiscretizeBin: a number within the margins becomes value. Empty margins are none.
type bin struct{ value, left, right, closure string }

// table writes a MapValues or a Discretize, from its attributes on.
func (e *encoder) table(x *expression) {
	if x.element == "Discretize" {
		e.attr("field", x.name)
	} else {
		e.attr("outputColumn", x.out)
	}
	for _, a := range [][2]string{{"mapMissingTo", x.missing}, {"defaultValue", x.other}, {"dataType", x.kind}} {
		if a[1] != "" {
			e.attr(a[0], a[1])
		}
	}
	e.text(">")
	if x.element == "MapValues" {
		e.text("<FieldColumnPair")
		e.attr("field", x.name)
		e.attr("column", x.in)
		e.text("/><InlineTable>")
		for _, row := range x.rows {
			e.text("<row><", x.in, ">")
			e.b = appendEscaped(e.b, row[0])
			e.text("</", x.in, "><", x.out, ">")
			e.b = appendEscaped(e.b, row[1])
			e.text("</", x.out, "></row>")
			e.spill()
		}
		e.text("</InlineTable>")
	}
	for _, b := range x.bins {
		e.text("<DiscretizeBin")
		e.attr("binValue", b.value)
		e.text("><Interval")
		e.attr("closure", b.closure)
		if b.left != "" {
			e.attr("leftMargin", b.left)
		}
		if b.right != "" {
			e.attr("rightMargin", b.right)
		}
		e.text("/></DiscretizeBin>")
		e.spill()
	}
	e.text("</", x.element, ">")
}

// table reads a MapValues or a Discretize whose start was read last.
func (r *reader) table(x *expression) error {
	var err error
	if x.element == "Discretize" {
		x.name, err = r.text("field")
	}
	x.missing, x.kind, x.out = string(r.raw("mapMissingTo")), string(r.raw("dataType")), string(r.raw("outputColumn"))
	other, e := r.text("defaultValue")
	x.other = other
	if err := cmp.Or(err, e); err != nil {
		return err
	}
	return r.each(func() error {
		switch string(r.name) {
		case "FieldColumnPair":
			if x.name, err = r.text("field"); err != nil {
				return err
			}
			x.in = string(r.raw("column"))
			return r.skip()
		case "InlineTable":
			return r.each(func() error { return r.row(x) })
		case "DiscretizeBin":
			b := bin{value: string(r.raw("binValue"))}
			x.bins = append(x.bins, b)
			return r.each(func() error {
				if string(r.name) != "Interval" {
					return r.refuseElement()
				}
				b := &x.bins[len(x.bins)-1]
				b.left, b.right, b.closure = string(r.raw("leftMargin")), string(r.raw("rightMargin")), string(r.raw("closure"))
				return r.skip()
			})
		}
		return r.refuseElement()
	})
}

// row reads a row of a MapValues.
func (r *reader) row(x *expression) error {
	var row [2]string
	err := r.each(func() error {
		at := 0
		switch string(r.name) {
		case x.in:
		case x.out:
			at = 1
		default:
			return r.refuseElement()
		}
		if err := r.skip(); err != nil {
			return err
		}
		var err error
		row[at], err = r.decode(r.between)
		return err
	})
	x.rows = append(x.rows, row)
	return err
}
