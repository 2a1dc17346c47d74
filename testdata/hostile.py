#!/usr/bin/env python3
"""Writes hostile/: small files that no honest program would write, and hostile/manifest.json, which says of each what it is
and what is wanted: refuse (no model comes out of it), survive (any answer, but no crash, hang or runaway memory), or safe
(it must decode, and run nothing). Nothing here is ever loaded by Python."""
import gzip
import json
import os
import pickle
import struct
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "hostile")
FILES = []


def put(name, data, expect, what):
    with open(os.path.join(FOLDER, name), "wb") as f:
        f.write(data)
    FILES.append({"path": "hostile/" + name, "expect": expect, "what": what, "size": len(data)})


class Run:
    def __reduce__(self):
        return os.system, ("touch hacked",)


os.makedirs(FOLDER, exist_ok=True)
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    put("run_p%d.pkl" % protocol, pickle.dumps(Run(), protocol), "refuse", "os.system in protocol %d" % protocol)
put("run_eval.pkl", b"cbuiltins\neval\n(S'1'\ntR.", "refuse", "builtins.eval")
put("run_inst.pkl", b"(S'touch hacked'\niposix\nsystem\n.", "refuse", "INST of posix.system")
put("run_getattr.pkl", b"cbuiltins\ngetattr\n(cos\npath\nS'join'\ntR.", "refuse", "getattr of a module")

# A real model, spoiled.
with open(os.path.join(HERE, "py311-sk1.7.2", "dt_clf", "default.pkl"), "rb") as f:
    honest = f.read()
put("cut_half.pkl", honest[:len(honest) // 2], "refuse", "half of a real model")
put("cut_stop.pkl", honest[:-1], "refuse", "a real model without its last byte")
flipped = bytearray(honest)
flipped[len(honest) // 3] ^= 0xFF
put("flip.pkl", bytes(flipped), "survive", "a real model with one byte changed")
put("spliced.pkl", honest[:500] + honest[700:], "survive", "a real model with 200 bytes taken out")

put("empty.pkl", b"", "refuse", "no bytes")
put("stop.pkl", b".", "refuse", "STOP on an empty stack")
put("opcode.pkl", b"\x80\x04\xff.", "refuse", "an opcode that does not exist")
put("memo.pkl", b"\x80\x02h\x07.", "refuse", "BINGET of what was never put")
put("mark.pkl", b"\x80\x02u.", "refuse", "SETITEMS without a mark")
put("claim_bytes.pkl", b"\x80\x04\x8e" + struct.pack("<Q", 1 << 62) + b"x.", "refuse", "BINBYTES8 that claims 2^62 bytes")
put("claim_text.pkl", b"\x80\x02X" + struct.pack("<I", 0xFFFFFFFF) + b"x.", "refuse", "BINUNICODE that claims 4 GiB")
put("claim_frame.pkl", b"\x80\x04\x95" + struct.pack("<Q", 1 << 62) + b"N.", "survive", "a frame that claims 2^62 bytes")
put("claim_memo.pkl", b"\x80\x02N" + b"r" + struct.pack("<I", 0xFFFFFFFF) + b".", "safe", "LONG_BINPUT of the largest number")
array = (b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR(K\x01%scnumpy\ndtype\n"
         b"(U\x02f8K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x08\x00\x00\x00\x00\x00\x00\xf0?tb.")
put("array_good.pkl", array % b"K\x01\x85", "safe", "an array of one number")
put("array_claim.pkl", array % (b"J" + struct.pack("<i", 1 << 30) + b"\x85"), "refuse", "an array that claims 2^30 numbers")
put("array_negative.pkl", array % (b"J" + struct.pack("<i", -1) + b"\x85"), "refuse", "an array of -1 numbers")

laughs = b"\x80\x02]q\x00X\x03\x00\x00\x00lola"
for level in range(1, 25):
    laughs += b"]q" + bytes([level]) + b"(" + (b"h" + bytes([level - 1])) * 10 + b"e"
put("laughs.pkl", laughs + b".", "safe", "a list of ten lists of ten lists ..., 24 deep, by memo")
put("cyclic.pkl", b"\x80\x02]q\x00h\x00a.", "safe", "a list that holds itself")
put("deep.pkl.gz", gzip.compress(b"\x80\x02" + b"]" * 100000 + b"a" * 99999 + b".", mtime=0), "safe", "100,000 lists inside each other, in gzip")
put("bomb.pkl.z", zlib.compress(b"\x80\x04\x8e" + struct.pack("<Q", 300 << 20) + b"\0" * (300 << 20) + b".", 9), "refuse", "300 MiB of zeros in zlib")
put("marks.pkl.gz", gzip.compress(b"(" * 1000000 + b"t" * 1000000 + b".", mtime=0), "safe", "a million tuples inside each other, in gzip")

with open(os.path.join(FOLDER, "manifest.json"), "w") as f:
    json.dump({"files": FILES}, f, indent=1)
    f.write("\n")
