"""Says what is in pickles and joblib files, by Python itself: the reference that the Go tests compare with.

    python describe.py FOLDER PREFIX

Python's own unpickler, numpy and joblib read every file FOLDER/PREFIX-*; classes and functions beside numpy's arrays are
replaced by stubs, which note what would be done to them. (Not for files of strangers: getattr is real here.) What comes out is written as canonical JSON to FOLDER/*.json,
one for each distinct answer, and FOLDER/PREFIX.index names the answer of each file. Run it by the Python that wrote the
files: bytes and text of Python 2 are told apart only there.

Items of more than one byte, other than of records, are given least significant byte first; records without what pads
their fields, which joblib leaves as it finds it.

    value = ["none"] | ["bool", b] | ["int", decimal] | ["float", hex bits or "nan"] | ["complex", hex, hex]
          | ["text", hex of UTF-8] | ["bytes", hex] | ["global", name]
          | ["tuple", [value]] | ["list", [value]] | ["set", frozen, [value]] | ["dict", [[key, value]]]
          | ["object", {"class" | "call", "args", "named", "state", "items", "dict"}]
          | ["array", class, dtype, shape, sha256 of the items in C order | [value]] | ["dtype", dtype]
          | ["ref", number]
    dtype = [kind, size, big-endian, fields, sub] ; fields = [[name, offset, dtype]] ; sub = [dtype, shape] | null

Dicts and sets are sorted by the JSON of key or item. A list, dict, set, object or array that was met before is a ref to
its number, in the order of meeting.
"""
import binascii
import bz2
import collections
import functools
import glob
import gzip
import hashlib
import io
import json
import os
import pickle
import struct
import sys
import zlib

import joblib.numpy_pickle
import numpy as np
try:
    from numpy.lib.recfunctions import repack_fields
except ImportError:  # before 1.15, which then can't describe vectors with padded records
    repack_fields = None

PY2 = sys.version_info[0] == 2
if not PY2:
    import lzma
    unicode, long = str, int
Unpickler = pickle.Unpickler
LITTLE = sys.byteorder == "little"


class Stub(object):
    """An instance of a class that is known by name only."""
    name = call = state = named = None
    args = ()

    def __new__(cls, *args, **named):
        self = object.__new__(cls)
        self.args, self.named, self.items, self.dict = args, named or None, [], None
        return self

    def __init__(self, *args, **named):
        pass

    def __setstate__(self, state):
        self.state = state

    def append(self, item):
        self.items.append(item)

    def extend(self, items):
        self.items.extend(items)

    def __setitem__(self, key, value):
        if self.dict is None:
            self.dict = {}
        self.dict[key] = value


STUBS = {}


def stub(module, name):
    key = module + "." + name
    if key not in STUBS:
        STUBS[key] = type(str(name), (Stub,), {"name": key})
    return STUBS[key]


def reconstructor(cls, base, state):
    """copyreg._reconstructor, for stubs."""
    o = cls.__new__(cls)
    if isinstance(state, dict):
        o.dict = state
    elif isinstance(state, list):
        o.items = state
    elif state is not None:
        o.args = (state,)
    return o


def find(module, name):
    short = module.replace("__builtin__", "builtins").replace("copy_reg", "copyreg")
    if short == "builtins" and name in ("set", "frozenset", "bytearray", "bytes", "complex"):
        return {"set": set, "frozenset": frozenset, "bytearray": bytearray, "bytes": bytes, "complex": complex}[name]
    if short == "copyreg" and name == "_reconstructor":
        return reconstructor
    if (module, name) == ("functools", "partial"):
        return functools.partial
    if short == "builtins" and name == "getattr":
        return getattr
    if (module, name) == ("_codecs", "encode"):
        import _codecs
        return _codecs.encode
    if (module, name) == ("collections", "OrderedDict"):
        return collections.OrderedDict
    if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
        return getattr(np, name)
    if (module, name) in (("numpy", "matrix"), ("numpy.matrixlib.defmatrix", "matrix")):
        return np.matrix
    if (module, name) in (("numpy", "recarray"), ("numpy.rec", "recarray"), ("numpy.core.records", "recarray")):
        return np.recarray
    if name == "record" and module.startswith("numpy"):
        return np.record
    if name in ("_reconstruct", "scalar", "_frombuffer") and module.startswith("numpy"):
        __import__(module)
        return getattr(sys.modules[module], name)
    if name == "_convert_to_stringdtype_kwargs":
        __import__(module)
        return getattr(sys.modules[module], name)
    if module == "joblib.numpy_pickle":
        return getattr(joblib.numpy_pickle, name)
    return stub(module, name)


class Plain(Unpickler):
    def find_class(self, module, name):
        return find(module, name)


class Joblib(joblib.numpy_pickle.NumpyUnpickler):
    def find_class(self, module, name):
        return find(module, name)


def unpack(data):
    if data[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=io.BytesIO(data)).read()
    if data[:3] == b"BZh":
        return bz2.decompress(data)
    if data[:5] == b"\xfd7zXZ" or data[:2] == b"\x5d\x00":
        return lzma.decompress(data)
    if data[:4] == b"\x04\x22\x4d\x18":
        import lz4.frame
        return lz4.frame.decompress(data)
    if bytearray(data[:1]) == b"x":
        return zlib.decompress(data)
    return data


def load(path):
    if os.path.isdir(path):
        path = os.path.join(path, "model.pkl")
        with open(path, "rb") as f:
            zipped = f.read(2) == b"ZF"
            f.seek(0)
            if not zipped:
                return Joblib(path, f).load()

            class Zipped(joblib.numpy_pickle.ZipNumpyUnpickler):
                def find_class(self, module, name):
                    return find(module, name)
            return Zipped(path, f).load()
    with open(path, "rb") as f:
        data = unpack(f.read())
    if "joblib" in os.path.basename(path):
        try:
            return Joblib(path, io.BytesIO(data), ensure_native_byte_order=False).load()
        except TypeError:
            return Joblib(path, io.BytesIO(data)).load()
    if PY2:
        return Plain(io.BytesIO(data)).load()
    return Plain(io.BytesIO(data), fix_imports=False).load()


def hexed(b):
    return binascii.hexlify(bytes(b)).decode("ascii")


def bits(f):
    if f != f:
        return "nan"
    return hexed(struct.pack(">d", f))


def dtype(d):
    sub = None
    kind = d.kind
    if d.subdtype is not None:
        sub = [dtype(d.subdtype[0]), list(d.subdtype[1])]
        kind = "V"
    fields = [[hexed(utf8(n)), int(d.fields[n][1]), dtype(d.fields[n][0])] for n in d.names or ()]
    big = d.byteorder == ">" or d.byteorder == "=" and not LITTLE
    return [kind, 8 if kind == "O" else int(d.itemsize), big, fields, sub]


def utf8(s):
    if isinstance(s, bytes):
        return s
    return s.encode("utf-8") if PY2 else s.encode("utf-8", "surrogatepass")


class Describer(object):
    def __init__(self):
        self.met = {}
        self.kept = []

    def ref(self, v):
        if id(v) in self.met:
            return ["ref", self.met[id(v)]]
        self.met[id(v)] = len(self.met)
        self.kept.append(v)
        return None

    def all(self, items):
        return [self.value(v) for v in items]

    def value(self, v):
        if v is None:
            return ["none"]
        if isinstance(v, np.generic):
            return self.scalar(v)
        if isinstance(v, bool):
            return ["bool", v]
        if isinstance(v, (int, long)):
            return ["int", str(v)]
        if isinstance(v, float):
            return ["float", bits(v)]
        if isinstance(v, complex):
            return ["complex", bits(v.real), bits(v.imag)]
        if isinstance(v, (bytes, bytearray)):
            return ["bytes", hexed(v)]
        if isinstance(v, unicode):
            return ["text", hexed(utf8(v))]
        if isinstance(v, tuple):
            return ["tuple", self.all(v)]
        if isinstance(v, np.dtype):
            return ["dtype", dtype(v)]
        if isinstance(v, type):
            if issubclass(v, Stub):
                return ["global", v.name]
            return ["global", self.name(v)]
        return self.ref(v) or self.shared(v)

    def name(self, cls):
        if cls in (np.ndarray, np.matrix, np.recarray):
            return cls.__name__
        return "collections.OrderedDict" if cls is collections.OrderedDict else cls.__name__

    def shared(self, v):
        if isinstance(v, list):
            return ["list", self.all(v)]
        if isinstance(v, dict):
            return ["dict", self.pairs(v)]
        if isinstance(v, (set, frozenset)):
            return ["set", isinstance(v, frozenset), sorted(self.all(v), key=json.dumps)]
        if isinstance(v, np.ndarray):
            if v.dtype.kind not in "OVT":  # reading most pickles swaps bytes, which is no matter here
                v = np.asarray(v).astype(v.dtype.newbyteorder("<")).view(type(v))
            return ["array", self.name(type(v)), dtype(v.dtype), list(v.shape), self.items(v)]
        if isinstance(v, Stub):
            return ["object", {
                "class": v.name, "args": self.all(v.args),
                "named": self.pairs(v.named) if v.named else None,
                "state": None if v.state is None else self.value(v.state),
                "items": self.all(v.items), "dict": None if v.dict is None else self.pairs(v.dict)}]
        raise TypeError(type(v))

    def pairs(self, d):
        keys = [(json.dumps(self.value(k)), k) for k in d]
        return [[json.loads(j), self.value(d[k])] for j, k in sorted(keys, key=lambda p: p[0])]

    def items(self, a):
        if a.dtype.hasobject:
            return self.all(a.ravel().tolist() if a.ndim else [a.item()])
        a = np.asarray(a)
        if a.dtype.names:
            a = repack_fields(a, recurse=True)
        return hashlib.sha256(a.tobytes("C")).hexdigest()

    def scalar(self, v):
        kind = v.dtype.kind
        if kind == "b":
            return ["bool", bool(v)]
        if kind in "iu":
            return ["int", str(int(v))]
        if kind == "f" and v.dtype.itemsize <= 8:
            return ["float", bits(float(v))]
        if kind == "S":
            return ["bytes", hexed(v)]
        if kind == "U":
            return ["text", hexed(utf8(unicode(v)))]
        if v.dtype.hasobject:
            return ["array", "ndarray", dtype(v.dtype), [], self.all([v.item()])]
        return ["array", "ndarray", dtype(v.dtype), [], hashlib.sha256(v.tobytes()).hexdigest()]


def main(folder, prefix):
    index = {}
    for path in sorted(glob.glob(os.path.join(folder, prefix + "-*"))):
        if path.endswith((".json", ".index")):
            continue
        said = json.dumps(Describer().value(load(path)), sort_keys=True, separators=(",", ":"))
        name = "said-" + hashlib.sha256(said.encode("ascii")).hexdigest()[:12] + ".json"
        with open(os.path.join(folder, name), "w") as f:
            f.write(said + "\n")
        index[os.path.basename(path)] = name
    with open(os.path.join(folder, prefix + ".index"), "w") as f:
        for name in sorted(index):
            f.write(name + " " + index[name] + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
