"""Where things are: the cache with the models, the Python with the peers, our programs."""
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(ROOT, "testdata"))
import make  # noqa: E402  it builds environments

MODELS = os.path.join(make.cache(), "bench")


def python():
    """A Python with scikit-learn, skl2onnx, onnxruntime, sklearn2pmml and treelite, in the versions of requirements.txt."""
    first, *lines = open(os.path.join(HERE, "requirements.txt")).read().splitlines()
    return make.environment("bench", first.replace("# python", "").strip(), lines)


def script(name, *arguments):
    """The command of a script beside this one that needs that Python."""
    return [python(), os.path.join(HERE, name), *map(str, arguments)]


def models(*names):
    """The files of models of models.py, which trains those that are not there."""
    os.makedirs(MODELS, exist_ok=True)
    paths = [os.path.join(MODELS, name + ".joblib") for name in names]
    if not all(map(os.path.exists, paths)):
        subprocess.check_call(script("models.py", MODELS, *names))
    return paths


def build(folder, package):
    """A program of this module, built into a folder as releases are. It is copied there, as downloads are written: of a file that a linker has just
    written, the kernel makes larger pieces present than of any other, which counted for a sixth of the peak of a small conversion."""
    program = os.path.join(folder, os.path.basename(package))
    subprocess.check_call(["go", "build", "-trimpath", "-tags", "disable_grpc_modules", "-ldflags", "-s -w", "-o", program + ".linked", "./" + package],
                          cwd=ROOT, env={**os.environ, "CGO_ENABLED": "0"})
    shutil.copy(program + ".linked", program)
    os.remove(program + ".linked")
    return program
