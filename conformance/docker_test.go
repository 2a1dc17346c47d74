package conformance

import (
	"debug/elf"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// dockerBuild is what the Dockerfile runs to build, in one line.
func dockerBuild(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(), "Dockerfile"))
	if err != nil {
		t.Fatal(err)
	}
	joined := strings.ReplaceAll(string(text), "\\\n", " ")
	build := regexp.MustCompile(`(?m)^RUN (.*go build.*)$`).FindStringSubmatch(joined)
	if build == nil {
		t.Fatal("the Dockerfile does not build")
	}
	return build[1]
}

// TestDocker: what the Dockerfile builds runs with nothing but itself, as the pods of examples/kubernetes-job.yaml. No image is built.
func TestDocker(t *testing.T) {
	t.Parallel()
	image := t.TempDir()
	bash(t, 0, root(), []string{"VERSION=1.2.3"}, strings.ReplaceAll(dockerBuild(t), "/out/", image+"/"))
	f, err := elf.Open(filepath.Join(image, "treeport"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	libraries, err := f.ImportedLibraries()
	if err != nil || len(libraries) > 0 || f.Section(".interp") != nil {
		t.Errorf("not static: %q, %v", libraries, err)
	}

	// inside runs it where there is nothing else, as the image's user.
	inside := func(t *testing.T, env []string, args ...string) string {
		t.Helper()
		cmd := exec.Command("/treeport", args...)
		cmd.Env, cmd.Dir = env, "/work"
		const nobody = 65532
		cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: image, Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		if os.Geteuid() != 0 { // then in a namespace in which it is allowed
			cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
			cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getuid(), Size: 1}}
			cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: nobody, HostID: os.Getgid(), Size: 1}}
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%q: %v\n%s", args, err, out)
		}
		return string(out)
	}
	work := filepath.Join(image, "work")
	stems := someModels(t, filepath.Join(work, "models"))
	for _, dir := range []string{image, work} {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if said := inside(t, nil, "--version"); said != "treeport version 1.2.3\n" {
		t.Errorf("--version: %q", said)
	}

	var job struct {
		Spec struct {
			Completions int
			Template    struct {
				Spec struct {
					Containers []struct {
						Args []string
						Env  []struct{ Name, Value string }
					}
				}
			}
		}
	}
	readYAML(t, "examples/kubernetes-job.yaml", &job)
	pod := job.Spec.Template.Spec.Containers[0]
	for i := range job.Spec.Completions {
		env := []string{fmt.Sprint("JOB_COMPLETION_INDEX=", i)}
		for _, v := range pod.Env {
			env = append(env, v.Name+"="+v.Value)
		}
		var args []string
		for _, a := range pod.Args {
			args = append(args, strings.NewReplacer("s3://models/trained/", "models", "s3://models/converted/", "converted").Replace(a))
		}
		inside(t, env, args...)
	}
	converted(t, filepath.Join(work, "converted"), stems, ".onnx", ".pmml")
}
