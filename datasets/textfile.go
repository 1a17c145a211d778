package datasets

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// readText reads a text, plain or gzipped, at most [DefaultLimit] bytes of it, and makes it UTF-8.
func readText(r io.Reader) ([]byte, error) {
	size := sizeOf(r)
	in := bufio.NewReaderSize(r, 1<<16)
	limit, unpack := int64(DefaultLimit), false
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		unpack = true
		if size >= 0 {
			limit = min(limit, max(maxUnpacked, maxRatio*size))
		} else {
			limit = maxUnpacked
		}
	}
	var from io.Reader = in
	if unpack {
		zr, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("damaged gzip header: %w; copy or download the file again", err)
		}
		from = zr
	}
	if size > limit && !unpack {
		return nil, fmt.Errorf("it has %d bytes, want at most %d; keep it as NPY files, which are read from disk", size, limit)
	}
	raw, err := io.ReadAll(io.LimitReader(from, limit+1))
	switch {
	case err != nil && unpack:
		return nil, fmt.Errorf("damaged gzip: %w; copy or download the file again", err)
	case err != nil:
		return nil, bare(err)
	case int64(len(raw)) > limit && unpack:
		return nil, fmt.Errorf("the gzip unpacks to more than %d bytes: it is not what it says; if it is, unpack it with gunzip first", limit)
	case int64(len(raw)) > limit:
		return nil, fmt.Errorf("it has more than %d bytes; keep it as NPY files, which are read from disk", limit)
	}
	return toUTF8(raw)
}

// toUTF8 makes UTF-8 of UTF-8 with a byte-order mark, of UTF-16 with one, and, where it is neither, of Windows-1252, which has Latin-1 in it.
func toUTF8(raw []byte) ([]byte, error) {
	for _, known := range []struct{ magic, what string }{
		{"PK\x03\x04", "a zip file: of pictures or texts unpack it, and name the folder; of a workbook of Excel or LibreOffice save the table as CSV there"}, {"PAR1", "a Parquet file: write it as CSV or NPY first"},
		{"\x93NUMPY", "an NPY file: read it with NPY"}, {"\x89PNG", "a picture"}, {"%PDF", "a PDF document"}, {"\xd0\xcf\x11\xe0", "an old workbook of Excel: save the table as CSV there"},
	} {
		if bytes.HasPrefix(raw, []byte(known.magic)) {
			return nil, fmt.Errorf("it is %s; want the text of a table", known.what)
		}
	}
	if text, ok := bytes.CutPrefix(raw, []byte("\xef\xbb\xbf")); ok {
		raw = text
	}
	if len(raw) >= 2 && (raw[0] == 0xff && raw[1] == 0xfe || raw[0] == 0xfe && raw[1] == 0xff) {
		var order binary.ByteOrder = binary.LittleEndian
		if raw[0] == 0xfe {
			order = binary.BigEndian
		}
		units := make([]uint16, 0, len(raw)/2)
		for i := 2; i+1 < len(raw); i += 2 {
			units = append(units, order.Uint16(raw[i:]))
		}
		raw = []byte(string(utf16.Decode(units)))
	}
	if at := bytes.IndexByte(raw, 0); at >= 0 {
		return nil, fmt.Errorf("it has a zero at byte %d: it is no text; want the text of a table", at)
	}
	if bytes.IndexByte(raw, '\n') < 0 { // lines as they ended on a Macintosh
		raw = bytes.ReplaceAll(raw, []byte("\r"), []byte("\n"))
	}
	if utf8.Valid(raw) {
		return raw, nil
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(raw)
	if err != nil {
		return nil, errors.New("it is neither UTF-8, UTF-16 nor Latin-1; save it as UTF-8")
	}
	return text, nil
}
