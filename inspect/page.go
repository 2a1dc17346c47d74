package inspect

import (
	"strings"
	"unicode/utf8"

	"github.com/seed-2867d59c/treeport/fault"
)

const (
	pageWidth   = 110 // columns at which lists are wrapped
	keyWidth    = 14  // columns of the keys
	longestLine = 400 // bytes
)

// page is text for a terminal: whatever a file says goes through line, which lets no control character through.
type page struct{ b strings.Builder }

// line writes one line.
func (p *page) line(text string) {
	p.b.WriteString(strings.TrimRight(fault.Printable(text, longestLine), " "))
	p.b.WriteByte('\n')
}

// title opens a section.
func (p *page) title(text string) {
	if p.b.Len() > 0 {
		p.b.WriteByte('\n')
	}
	p.line(text)
}

// entry writes a key and what belongs to it.
func (p *page) entry(key, text string) { p.line("  " + pad(key, keyWidth) + text) }

// list writes a key and items, wrapped.
func (p *page) list(key string, items []string) {
	text := ""
	for i, item := range items {
		item = fault.Printable(item, longestLine/2)
		if i < len(items)-1 {
			item += ","
		}
		if text != "" && keyWidth+3+columns(text)+columns(item) > pageWidth {
			p.entry(key, text)
			key, text = "", ""
		}
		if text != "" {
			text += " "
		}
		text += item
	}
	p.entry(key, text)
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(1, width-columns(text)))
}

func columns(text string) int { return utf8.RuneCountInString(text) }
