// Command floor is what no converter can beat: it reads a file whole, inflates it if asked, writes as many bytes as it is
// told, makes them last as treeport does, and nothing else.
//
//	floor [-inflate zlib|gzip] -write BYTES INPUT OUTPUT
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

// buffer is what one system call reads or writes.
const buffer = 1 << 20

func main() {
	inflate := flag.String("inflate", "", "what the input is compressed with: zlib or gzip")
	write := flag.Int64("write", 0, "bytes of output")
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	block := make([]byte, buffer)
	err := read(flag.Arg(0), *inflate, block)
	if err == nil {
		err = writeOut(flag.Arg(1), *write, block)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

// read goes once over a file and keeps nothing of it.
func read(name, inflate string, block []byte) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	var r io.Reader = f
	switch inflate {
	case "":
	case "zlib":
		r, err = zlib.NewReader(f)
	case "gzip":
		r, err = gzip.NewReader(f)
	default:
		return fmt.Errorf("-inflate %s: zlib or gzip", inflate)
	}
	for err == nil {
		_, err = r.Read(block)
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// writeOut makes a file of the given size by the system calls of store.Create and Commit.
func writeOut(name string, size int64, block []byte) error {
	temp := name + ".tmp"
	f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	for size > 0 && err == nil {
		var n int
		n, err = f.Write(block[:min(size, int64(len(block)))])
		size -= int64(n)
	}
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(temp, name)
	}
	if err != nil {
		os.Remove(temp)
		return err
	}
	folder, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}
