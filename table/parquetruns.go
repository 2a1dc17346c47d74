package table

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"

	"github.com/seed-2867d59c/treeport/fault"
)

// parquet-go 0.32.0 allocates as many values as the runs of a page claim, up to 2^31 for each of some bytes, whatever the page's number of values.
// So runs are counted before it sees them.
//
// Runs (parquet-format, Encodings.md, RLE / bit-packing hybrid) begin with a varint: its lowest bit set, eight times the rest are values of
// so many bits each; else the rest is how often the one value stands that follows. They hold levels (one bit: there or null), and after a byte
// with the number of bits the indices into a dictionary.

// plainDictionary is format.RLEDictionary as older writers say it.
const plainDictionary = format.Encoding(2)

// runsBeyond is how many values more than a page's its runs may claim: writers fill the last group up.
const runsBeyond = 1 << 12

// guardRuns inflates a page, as far as it says, and counts the runs of one with data. body is the page as it is in the file.
func guardRuns(h *format.PageHeader, codec format.CompressionCodec, body []byte, optional bool) error {
	var values int32
	var encoding format.Encoding
	var levels []byte
	data, packed := body, codec != format.Uncompressed
	switch h.Type {
	case format.DataPage:
		values, encoding = h.DataPageHeader.V.NumValues, h.DataPageHeader.V.Encoding
	case format.DataPageV2:
		v2 := &h.DataPageHeaderV2.V
		values, encoding = v2.NumValues, v2.Encoding
		n := int64(v2.RepetitionLevelsByteLength) + int64(v2.DefinitionLevelsByteLength)
		if v2.RepetitionLevelsByteLength < 0 || v2.DefinitionLevelsByteLength < 0 || n > int64(len(body)) {
			return fault.Brokenf(fault.Where{}, "levels of %d bytes in a parquet page of %d", n, len(body))
		}
		levels, data = body[v2.RepetitionLevelsByteLength:n], body[n:]
		packed = packed && (!v2.IsCompressed.Valid || v2.IsCompressed.V)
	case format.DictionaryPage:
		optional = false
	default:
		return nil
	}
	dictionary := encoding == format.RLEDictionary || encoding == plainDictionary
	if packed {
		var err error
		if data, err = unpack(codec, data, int64(h.UncompressedPageSize)); err != nil {
			return fault.Brokenf(fault.Where{}, "parquet page: %v", err)
		}
	}
	most := int64(values) + runsBeyond
	if optional && h.Type == format.DataPage {
		if len(data) < 4 || int64(binary.LittleEndian.Uint32(data)) > int64(len(data)-4) {
			return fault.Brokenf(fault.Where{}, "a parquet page that ends in its levels")
		}
		n := 4 + int(binary.LittleEndian.Uint32(data))
		levels, data = data[4:n], data[n:]
	}
	if optional {
		if err := countRuns(levels, 1, most); err != nil {
			return err
		}
	}
	if !dictionary || len(data) == 0 {
		return nil
	}
	return countRuns(data[1:], int64(data[0]), most)
}

// unpack inflates a page to as many bytes as it may have.
func unpack(codec format.CompressionCodec, data []byte, most int64) ([]byte, error) {
	var r io.Reader
	switch codec {
	case format.Snappy:
		if n, err := snappy.DecodedLen(data); err != nil || int64(n) > most {
			return nil, fmt.Errorf("it becomes %d bytes, not %d", n, most)
		}
		return snappy.Decode(nil, data)
	case format.Gzip:
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		r = z
	case format.Zstd:
		z, err := zstd.NewReader(bytes.NewReader(data), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxPage))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	case format.Brotli:
		r = brotli.NewReader(bytes.NewReader(data))
	default:
		return nil, fmt.Errorf("the codec %v", codec)
	}
	page, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(page)) > most {
		err = fmt.Errorf("it becomes more than %d bytes", most)
	}
	return page, err
}

// countRuns fails where runs of values of so many bits claim more than there may be.
func countRuns(runs []byte, bits, most int64) error {
	for count := int64(0); len(runs) > 0; {
		head, n := binary.Uvarint(runs)
		if n <= 0 {
			return fault.Brokenf(fault.Where{}, "a run in a parquet page that ends early")
		}
		if head>>1 > uint64(most) {
			return fault.Brokenf(fault.Where{}, "a run of %d values in a parquet page of %d", head>>1, most-runsBeyond)
		}
		values, size := int64(head>>1), (bits+7)/8
		if head&1 != 0 {
			values, size = 8*values, bits*values
		}
		if count += values; count > most {
			return fault.Brokenf(fault.Where{}, "runs of %d values in a parquet page of %d", count, most-runsBeyond)
		}
		if size > int64(len(runs)-n) {
			return nil // it ends early, which the library finds
		}
		runs = runs[n+int(size):]
	}
	return nil
}
