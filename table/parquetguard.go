package table

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"github.com/seed-2867d59c/treeport/fault"
)

// The parquet library allocates what a file claims before it looks at what is there: the footer, lists and texts in it,
// pages. So claims are held against the file's size before the library sees them.
//
// A parquet file is "PAR1", pages, the footer, uint32 length of the footer, "PAR1". The footer, and a header before each
// page, are Thrift structs in the compact protocol.
const (
	maxFooter = 64 << 20 // bytes
	// maxPage is up to how many bytes a page may have whatever it was compressed to; above it, maxRatio bytes for each
	// compressed one (gzip reaches 1032).
	maxPage  = 16 << 20
	maxRatio = 1100
	maxDepth = 32 // of Thrift structs and lists
)

func guardFooter(data []byte) error {
	if len(data) < 12 || string(data[len(data)-4:]) != parquetMagic {
		return fault.Brokenf(fault.At(int64(len(data))), "a parquet file without its end")
	}
	end := len(data) - 8
	size := int64(binary.LittleEndian.Uint32(data[end:]))
	if size > int64(end)-4 || size > maxFooter {
		return fault.Brokenf(fault.At(int64(end)), "a parquet footer of %d bytes in a file of %d", size, len(data))
	}
	footer := data[int64(end)-size : end]
	if _, err := thriftStruct(footer, 0); err != nil {
		return fault.Brokenf(fault.At(int64(end)-size), "parquet footer: %v", err)
	}
	return nil
}

// guardPages looks at every page of a file without nested columns.
func guardPages(f *parquet.File, data []byte) error {
	for _, group := range f.Metadata().RowGroups {
		columns := f.Root().Columns()
		if len(group.Columns) != len(columns) {
			return fault.Brokenf(fault.Where{}, "a parquet file of %d columns with a group of %d", len(columns), len(group.Columns))
		}
		for j, chunk := range group.Columns {
			if err := guardChunk(&chunk.MetaData, data, f.NumRows(), columns[j].Optional()); err != nil {
				return err
			}
		}
	}
	return nil
}

func guardChunk(m *format.ColumnMetaData, data []byte, rows int64, optional bool) error {
	where := fault.In("column " + strings.Join(m.PathInSchema, "."))
	if m.Codec == format.Lz4 || m.Codec == format.Lz4Raw {
		// parquet-go 0.32.0 does not decode all that pyarrow writes.
		return fault.Unsupportedf(where, "a parquet column compressed with LZ4; there are snappy, gzip, zstd, brotli and none")
	}
	at := m.DataPageOffset
	if m.DictionaryPageOffset > 0 && m.DictionaryPageOffset < at {
		at = m.DictionaryPageOffset
	}
	if at < 4 || m.TotalCompressedSize < 0 || at > int64(len(data)) || m.TotalCompressedSize > int64(len(data))-at {
		return fault.Brokenf(fault.Where{}, "a parquet column at byte %d, %d bytes long, in a file of %d", at, m.TotalCompressedSize, len(data))
	}
	end := at + m.TotalCompressedSize
	for at < end {
		n, err := thriftStruct(data[at:end], 0)
		if err != nil {
			return fault.Brokenf(fault.At(at), "parquet page: %v", err)
		}
		var h format.PageHeader
		if err := thrift.Unmarshal(new(thrift.CompactProtocol), data[at:at+int64(n)], &h); err != nil {
			return fault.Brokenf(fault.At(at), "parquet page: %v", err)
		}
		compressed, size := int64(h.CompressedPageSize), int64(h.UncompressedPageSize)
		if compressed < 0 || compressed > end-at-int64(n) || size < 0 || size > maxPage && size/maxRatio > compressed {
			return fault.Brokenf(fault.At(at), "a parquet page of %d bytes, %d compressed", size, compressed)
		}
		if m.Type == format.Boolean && (h.DataPageHeader.V.Encoding == format.RLE || h.DataPageHeaderV2.V.Encoding == format.RLE) {
			// parquet-go 0.32.0 decodes some of them to other values, without an error (pyarrow, data pages of version 2).
			return fault.Unsupportedf(where, "booleans run-length encoded in parquet; write them with data_page_version='1.0', or as integers")
		}
		if values := max(h.DataPageHeader.V.NumValues, h.DataPageHeaderV2.V.NumValues); int64(values) > rows {
			return fault.Brokenf(fault.At(at), "a parquet page of %d values in a file of %d rows", values, rows)
		}
		if values := int64(h.DictionaryPageHeader.V.NumValues); values > 8*size {
			return fault.Brokenf(fault.At(at), "a parquet dictionary of %d values in %d bytes", values, size)
		}
		body := at + int64(n)
		if err := guardRuns(&h, m.Codec, data[body:body+compressed], optional); err != nil {
			return err
		}
		at = body + compressed
	}
	return nil
}

// Types of the compact protocol.
const (
	thriftTrue       = 1
	thriftFalse      = 2
	thriftByte       = 3
	thriftI16        = 4
	thriftI64        = 6
	thriftDouble     = 7
	thriftBinary     = 8
	thriftList       = 9
	thriftSet        = 10
	thriftStructType = 12
)

var errThrift = fmt.Errorf("it ends early, or claims more than there is")

// thriftStruct is the length of a struct. Every list and every text in it is as long as it says, at least if an item is one
// byte.
func thriftStruct(b []byte, depth int) (int, error) {
	if depth > maxDepth {
		return 0, fmt.Errorf("nested too deep")
	}
	at := 0
	for at < len(b) {
		head := b[at]
		at++
		if head == 0 {
			return at, nil
		}
		if head>>4 == 0 { // the field's number follows
			_, n := binary.Uvarint(b[at:])
			if n <= 0 {
				return 0, errThrift
			}
			at += n
		}
		if kind := head & 15; kind != thriftTrue && kind != thriftFalse { // a field's boolean is its type
			n, err := thriftValue(kind, b[at:], depth)
			if err != nil {
				return 0, err
			}
			at += n
		}
	}
	return 0, errThrift
}

func thriftValue(kind byte, b []byte, depth int) (int, error) {
	switch {
	case kind == thriftTrue || kind == thriftFalse || kind == thriftByte:
		return 1, short(b, 1)
	case kind >= thriftI16 && kind <= thriftI64:
		_, n := binary.Uvarint(b)
		if n <= 0 {
			return 0, errThrift
		}
		return n, nil
	case kind == thriftDouble:
		return 8, short(b, 8)
	case kind == thriftBinary:
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return 0, errThrift
		}
		return n + int(size), nil
	case kind == thriftList || kind == thriftSet:
		return thriftItems(b, depth+1)
	case kind == thriftStructType:
		return thriftStruct(b, depth+1)
	}
	return 0, fmt.Errorf("type %d", kind)
}

func thriftItems(b []byte, depth int) (int, error) {
	if len(b) == 0 || depth > maxDepth {
		return 0, errThrift
	}
	size, kind, at := uint64(b[0]>>4), b[0]&15, 1
	if size == 15 {
		n := 0
		if size, n = binary.Uvarint(b[1:]); n <= 0 {
			return 0, errThrift
		}
		at += n
	}
	if size > uint64(len(b)-at) {
		return 0, errThrift
	}
	for range size {
		n, err := thriftValue(kind, b[at:], depth)
		if err != nil {
			return 0, err
		}
		at += n
	}
	return at, nil
}

func short(b []byte, n int) error {
	if len(b) < n {
		return errThrift
	}
	return nil
}
