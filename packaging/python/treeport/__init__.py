"""treeport is a program: find() is where it was installed to, and python -m treeport runs it."""
import importlib.metadata
import os


def find():
    """The path of treeport's binary, which was installed with this package."""
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "bin")
    for file in importlib.metadata.files("treeport"):
        if file.name in ("treeport", "treeport.exe"):
            # pip install --target moves scripts after it wrote down where they are.
            for path in (str(file.locate()), os.path.join(beside, file.name)):
                if os.path.isfile(path):
                    return os.path.normpath(path)
    raise FileNotFoundError("treeport's binary is not where it was installed to")
