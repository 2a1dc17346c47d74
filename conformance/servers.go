package conformance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// cache is the folder that testdata/make.py installs into.
func cache() (string, error) {
	if dir := os.Getenv("TREEPORT_CACHE"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "treeport"), err
}

// install makes a folder of the cache complete once, also where several processes want it at the same time.
func install(name string, make func(dir string) error) (string, error) {
	base, err := cache()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, name)
	done := filepath.Join(dir, "complete")
	if err := os.MkdirAll(base, 0o777); err != nil {
		return "", err
	}
	lock, err := os.Create(dir + ".lock")
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	if _, err := os.Stat(done); err == nil {
		return dir, nil
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o777), make(dir)); err != nil {
		return "", fmt.Errorf("setting up %s: %w", name, err)
	}
	return dir, os.WriteFile(done, nil, 0o666)
}

func succeed(cmd *exec.Cmd) error {
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd.Path, err, out)
	}
	return nil
}

// GoProgram is the program of a Go module at a version, built outside of ours, whose dependencies it would change.
func GoProgram(pkg, version string) (string, error) {
	name := pkg[strings.LastIndex(pkg, "/")+1:]
	dir, err := install(name+"-"+version, func(dir string) error {
		cmd := exec.Command("go", "install", pkg+"@"+version)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOBIN="+dir)
		return succeed(cmd)
	})
	return filepath.Join(dir, name), err
}

// NodePackage is the folder of a package of npm at a version.
func NodePackage(name, version string) (string, error) {
	dir, err := install(name+"-"+version, func(dir string) error {
		return succeed(exec.Command("npm", "install", "--no-audit", "--no-fund", "--prefix", dir, name+"@"+version))
	})
	return filepath.Join(dir, "node_modules", name), err
}

// Server is a program that serves on a port of this machine alone.
type Server struct {
	Address string // host:port
	cmd     *exec.Cmd
	ended   chan struct{}
}

// Serve starts a server, which command makes for a free port, and waits until it answers.
func Serve(command func(port string) *exec.Cmd) (*Server, error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	free.Close()
	said := &tail{}
	cmd := command(address[strings.LastIndex(address, ":")+1:])
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{Address: address, cmd: cmd, ended: make(chan struct{})}
	go func() {
		cmd.Wait()
		close(s.ended)
	}()
	for range 600 {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			return s, nil
		}
		select {
		case <-s.ended:
			return nil, fmt.Errorf("%s ended: %s", cmd.Path, said.text())
		case <-time.After(100 * time.Millisecond):
		}
	}
	s.Close()
	return nil, fmt.Errorf("%s does not answer: %s", cmd.Path, said.text())
}

// Close ends the server.
func (s *Server) Close() {
	s.cmd.Process.Kill()
	<-s.ended
}

// S3 is versitygw with the buckets that are folders of root; the folder versions has the old versions of objects, in buckets that keep them.
// Its user is "test", the secret "testtest".
func S3(root, versions string) (*Server, error) {
	program, err := GoProgram("github.com/versity/versitygw/cmd/versitygw", "v1.8.0")
	if err != nil {
		return nil, err
	}
	return Serve(func(port string) *exec.Cmd {
		return exec.Command(program, "--port", "127.0.0.1:"+port, "--access", "test", "--secret", "testtest", "--quiet", "posix", "--versioning-dir", versions, root)
	})
}

// GoogleStorage is fake-gcs-server with one empty bucket, held in memory.
func GoogleStorage(ctx context.Context, bucket string) (*Server, error) {
	program, err := GoProgram("github.com/fsouza/fake-gcs-server", "v1.56.1")
	if err != nil {
		return nil, err
	}
	s, err := Serve(func(port string) *exec.Cmd {
		return exec.Command(program, "-scheme", "http", "-host", "127.0.0.1", "-port", port, "-backend", "memory", "-log-level", "error",
			"-public-host", "127.0.0.1:"+port, "-external-url", "http://127.0.0.1:"+port)
	})
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+s.Address+"/storage/v1/b?project=p", strings.NewReader(`{"name": "`+bucket+`"}`))
	if err == nil {
		var answer *http.Response
		if answer, err = http.DefaultClient.Do(r); err == nil {
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				err = errors.New(answer.Status)
			}
		}
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// The account of Azurite, which is the same everywhere.
const (
	AzuriteAccount = "devstoreaccount1"
	AzuriteKey     = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)

// Azurite is Microsoft's emulator of Azure's blobs, held in a folder.
func Azurite(dir string) (*Server, error) {
	home, err := NodePackage("azurite", "3.35.0")
	if err != nil {
		return nil, err
	}
	return Serve(func(port string) *exec.Cmd {
		return exec.Command("node", filepath.Join(home, "dist", "src", "blob", "main.js"), "--blobHost", "127.0.0.1", "--blobPort", port,
			"--location", dir, "--silent", "--skipApiVersionCheck", "--disableTelemetry")
	})
}
