"""Writes the vectors of this folder: the same values, by one Python, in every protocol and container it has.

    python make.py FOLDER PREFIX [objects]

`objects` writes only the arrays whose dtype has objects in it. Needs numpy and joblib, and runs on Python 2.7 and 3.
Each vector is FOLDER/PREFIX-NAME; joblib 0.9 writes a folder of that name. describe.py then says what is in them.
"""
import collections
import gzip
import os
import pickle
import random
import sys

import joblib
import numpy as np

PY2 = sys.version_info[0] == 2
if PY2:
    import cPickle
    unichr_ = unichr
else:
    unichr_ = chr


class Plain(object):
    def __init__(self, **named):
        self.__dict__.update(named)


class Slotted(object):
    __slots__ = ("a", "b")

    def __init__(self):
        self.a, self.b = 1, [2]

    def __getstate__(self):
        return None, {"a": self.a, "b": self.b}

    def __setstate__(self, state):
        for k, v in state[1].items():
            setattr(self, k, v)


class OfDict(dict):
    pass


class OfList(list):
    pass


class NewArgs(object):
    def __new__(cls, *args):
        return object.__new__(cls)

    def __getnewargs__(self):
        return 1, "two"


class NewArgsEx(object):
    def __new__(cls, *args, **named):
        return object.__new__(cls)

    def __getnewargs_ex__(self):
        return (1,), {"two": 2}


class Reduced(object):
    def __reduce__(self):
        return collections.deque, ([1],), None, iter([2, 3])


if PY2:
    class Old:
        def __init__(self):
            self.x = 1

    class OldArgs:
        def __init__(self, *args):
            self.x = args

        def __getinitargs__(self):
            return 1, "two"


def text(*points):
    return u"".join(unichr_(p) for p in points)


def plain_values():
    shared = [1, 2]
    itself = [0]
    itself.append(itself)
    sub = OfDict(a=1)
    sub.extra = 2
    seq = OfList([1, 2])
    seq.extra = 3
    values = {
        "ints": [0, 1, 255, 256, 65535, 65536, -1, -128, 2**31 - 1, 2**31, -2**31, 2**63 - 1, 2**63, -2**63,
                 -2**63 - 1, 2**200, -2**200, -2**15],
        "floats": [0.0, -0.0, 0.1, -1.5, 1e300, 5e-324, float("inf"), -float("inf"), float("nan")],
        "truths": [True, False, None],
        "texts": [u"", u"plain", text(0xe9, 0x20ac), u"line\nend\\ \\u0041 'quoted' \"twice\"\t", text(0),
                  text(0xd800), u"long " * 60],
        "bytes": [b"", b"plain", bytes(bytearray(range(256))), bytearray(b"array\xff"), b"it's", b"long" * 80],
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ((),)],
        "shared": [shared, shared, (shared,)],
        "itself": itself,
        "keys": {1: "a", u"t": "b", 2.5: "c", (1, (2, u"x")): "d", None: "e"},
        "many": dict((i, None) for i in range(1001)),
        "sets": [set([1, 2, 3]), frozenset([u"a", u"b"]), set()],
        "complex": [complex(1.5, -2)],
        "ordered": collections.OrderedDict([(u"z", 1), (u"a", 2)]),
        "plain": Plain(a=1, b=Plain()),
        "empty": Plain(),
        "slotted": Slotted(),
        "of dict": sub,
        "of list": seq,
        "new args": NewArgs(),
        "reduced": Reduced(),
        "global": [Plain, collections.OrderedDict, len],
    }
    if sys.maxunicode > 0xffff:
        values["wide"] = text(0x1f600)
    if PY2:
        values["old"] = Old()
        values["old args"] = OldArgs()
    return values


def arrays():
    rng = np.random.RandomState(0)
    square = rng.rand(3, 4)
    aligned = np.dtype([("a", "u1"), ("b", "f8"), ("c", "i4")], align=True)
    records = np.zeros(3, aligned)
    records["a"], records["b"], records["c"] = [1, 2, 3], [0.5, 1.5, 2.5], [7, 8, 9]
    nested = np.zeros(2, [("x", "<i2"), ("sub", "<f4", (2, 3)), ("in", [("p", ">u2"), ("q", "S3")])])
    nested["x"], nested["sub"], nested["in"]["p"] = [1, 2], 0.25, [258, 772]
    values = {
        "square": square,
        "fortran": np.asfortranarray(square),
        "strided": square[::2, 1::2],
        "turned": np.arange(24.0).reshape(2, 3, 4).transpose(1, 0, 2),
        "big": np.arange(5, dtype=">f8"),
        "big ints": np.array([1, -2, 300], dtype=">i2"),
        "none": np.zeros((0, 3)),
        "0-d": np.array(2.5),
        "text": np.array([u"a", u"bcd", text(0xe9, 0x20ac)]),
        "big text": np.array([u"ab", u"c"]).astype(">U2"),
        "bytes": np.array([b"ab", b"c\xff"]),
        "objects": np.array([u"x", None, 3, 2.5], dtype=object),
        "object square": np.array([[u"a", u"b"], [u"c", u"d"]], dtype=object, order="F"),
        "dates": np.array(["2020-01-01", "NaT"], dtype="M8[D]"),
        "records": records,
        "nested": nested,
        "void": np.array([b"abc", b"de"], dtype="V3"),
        "shared": [square, square],
        "dtype": [np.dtype("f8"), aligned, np.dtype("U7"), np.dtype(">i4"), np.dtype("O")],
        "types": [np.float64, np.int32],
    }
    for code in "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16".split():
        values["of " + code] = np.array([0, 1, 3]).astype(code)
    values["u8 high"] = np.array([2**64 - 1, 2**63], dtype="u8")
    return values


def arrays_with_objects():
    pairs = np.dtype([("x", "i8"), ("y", object)])  # old releases crash where an object is not aligned
    records = np.array([[(1, u"a"), (2, None)], [(3, [4]), (5, (6,))]], dtype=pairs)
    deep = np.zeros(2, [("p", ">u8"), ("in", pairs)])
    deep["in"]["y"] = [u"b", 7]
    values = {
        "records": records, "fortran": np.asfortranarray(records), "none": records[:0],
        "deep": deep, "dtype": np.dtype([("sub", object, (2,)), ("in", pairs)]), "objects": np.array([u"a", 1], object),
    }
    if hasattr(np, "dtypes") and hasattr(np.dtypes, "StringDType"):
        values["item"] = records[0, 0]  # old releases crash over what they wrote
        string = np.dtypes.StringDType
        values["text"] = np.array([[u"a", u"bcd"], [text(0xe9, 0x20ac), u""]], string(), order="F")
        values["missing"] = np.array([u"a", None], string(na_object=None, coerce=False))
        values["nan"] = np.array([u"a", np.nan], string(na_object=np.nan))
        values["string dtype"] = [string(), string(na_object=u"?")]
    return values


def scalars():
    out = [np.float64(0.1), np.float32(0.1), np.float16(1.5), np.int8(-3), np.int64(-5), np.uint64(2**64 - 1),
           np.bool_(True), np.complex128(1 + 2j), np.datetime64("2020-01-01", "D"), np.array([u"abc"])[0],
           np.array([b"abc"])[0], np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")])[0]]
    return {"scalars": out, "masked": np.ma.array([1.0, 2.0], mask=[False, True]),
            "matrix": np.matrix([[1.0, 2.0]]), "records": np.rec.array([(1, 2.0)], names="a,b")}


def write_objects(at):
    values = arrays_with_objects()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with open(at("objects-p%d.pkl" % protocol), "wb") as f:
            (cPickle if PY2 else pickle).dump(values, f, protocol)
    where = at("objects-joblib")
    if PY2:
        os.mkdir(where)
        joblib.dump(values, os.path.join(where, "model.pkl"))
    else:
        joblib.dump(values, where + ".joblib")


def main(folder, prefix, what="all"):
    def at(name):
        return os.path.join(folder, prefix + "-" + name)

    write_objects(at)
    if what == "objects":
        return
    random.seed(0)
    values = {"values": plain_values(), "arrays": arrays(), "scalars": scalars()}
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        if protocol >= 2 and not PY2:
            values["values"]["new args ex"] = NewArgsEx()
        for name, value in values.items():
            with open(at("%s-p%d.pkl" % (name, protocol)), "wb") as f:
                (cPickle if PY2 else pickle).dump(value, f, protocol)
        if protocol == pickle.HIGHEST_PROTOCOL:
            pure = min(protocol, 4)  # Python's own code cannot write an empty array in protocol 5 (3.12)
            with open(at("pure-p%d.pkl" % pure), "wb") as f:
                (pickle.Pickler if PY2 else pickle._Pickler)(f, pure).dump(values)
            small = {"a": [1, 2.5, u"x"], "b": (np.arange(3.0), {"c": None})}
            with open(at("fast-p%d.pkl" % protocol), "wb") as f:
                p = (cPickle if PY2 else pickle).Pickler(f, protocol)
                p.fast = 1
                p.dump(small)
            with gzip.open(at("pickle.pkl.gz"), "wb") as f:
                pickle.dump(small, f, protocol)
    values = dict(arrays(), plain=[Plain(a=np.arange(3)), u"text", 3])
    if PY2:
        for compress in (0, 3):
            for cache in (0, 10):
                if compress or cache == 10:
                    where = at("joblib-%d-%d" % (compress, cache))
                    os.mkdir(where)
                    joblib.dump(values, os.path.join(where, "model.pkl"), compress=compress, cache_size=cache)
        return
    joblib.dump(values, at("joblib.joblib"))
    for method in ["zlib", "gzip", "bz2", "xz", "lzma"] + (["lz4"] if "lz4" in sys.modules or has_lz4() else []):
        joblib.dump(values, at("joblib-%s.joblib" % method), compress=(method, 3))


def has_lz4():
    try:
        import lz4.frame
        return True
    except ImportError:
        return False


if __name__ == "__main__":
    main(*sys.argv[1:])
