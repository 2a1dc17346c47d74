"""Makes a wheel of a binary of treeport that is there: TREEPORT_BINARY=dist/treeport pip wheel --no-deps packaging/python.

What it is for, system, processor and libc, the binary says itself; so does its version, unless TREEPORT_VERSION is set, since a binary for
another system does not run here.
"""
import os
import subprocess

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The platforms that pip knows, by Go's names. Go 1.26 asks for macOS 12.
PLATFORMS = {
    ("darwin", "amd64"): "macosx_12_0_x86_64",
    ("darwin", "arm64"): "macosx_12_0_arm64",
    ("windows", "amd64"): "win_amd64",
    ("windows", "arm64"): "win_arm64",
    ("linux", "amd64"): "manylinux_2_17_x86_64",
    ("linux", "arm64"): "manylinux_2_17_aarch64",
}


def binary():
    return os.path.abspath(os.environ["TREEPORT_BINARY"])


def version():
    if "TREEPORT_VERSION" in os.environ:
        return os.environ["TREEPORT_VERSION"]
    return subprocess.check_output([binary(), "--version"], text=True).split()[-1]


def platform():
    """The platform tag, from what Go wrote into the binary."""
    said = subprocess.check_output(["go", "version", "-m", binary()], text=True)
    settings = dict(line.split("\t")[2].partition("=")[::2] for line in said.splitlines() if line.startswith("\tbuild\t"))
    tag = PLATFORMS[settings["GOOS"], settings["GOARCH"]]
    if "noonnxruntime" in settings.get("-tags", ""):  # it links no libc, so any will do
        tag = tag.replace("manylinux_2_17", "musllinux_1_1")
    return tag


class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        build_data["tag"] = "py3-none-" + platform()
        # A script in the wheel's own sense: pip puts it onto the PATH as it is.
        build_data["shared_scripts"][binary()] = "treeport" + os.path.splitext(binary())[1]
