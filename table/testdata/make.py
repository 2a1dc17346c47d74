"""Makes the files beside it: python make.py, with numpy, pandas and pyarrow (testdata/make.py python py311-sk1.7.2)."""
import numpy as np
import pandas as pd

ints = np.array([[0, 1, 2], [3, 100, 127]])
for name, array in {
    "f8_fortran": np.asfortranarray(ints / 8), "f8_big": (ints / 8).astype(">f8"), "f4": ints.astype("<f4") / 8,
    "f2": np.array([0.1, -0.0, 65504, 5.96e-08, np.inf, np.nan], "f2"), "i1": -ints.astype("i1"), "i2_big": -ints.astype(">i2"),
    "i4": ints.astype("i4"), "i8_fortran_big": np.asfortranarray(ints.astype(">i8")), "u1": ints.astype("u1"), "u2": ints.astype("u2"),
    "u4": ints.astype("u4") + 2**31, "u8": ints.astype("u8"), "u8_large": np.array([2**63], "u8"), "b1": ints > 1,
    "U": np.array([["a", "äß"], ["", "\U0001d518"]]), "U_big": np.array(["a", "äß"]).astype(">U2"), "S": np.array([b"a", b"", b"\xe4b"]),
    "scalar": np.array(1.5), "cube": np.zeros((2, 2, 2)), "record": np.zeros(2, [("a", "f8"), ("b", "i4")]), "c16": np.zeros(2, "c16"),
}.items():
    np.save(name + ".npy", array)
np.save("object.npy", np.array([1, "a"], dtype=object), allow_pickle=True)
with open("version3.npy", "wb") as f:
    np.lib.format.write_array(f, ints, version=(3, 0))

rows = pd.DataFrame({"x": [0.1, np.nan, -0.0], "i": [1, 2, 3], "n": pd.array([1, None, 2**53 + 1], "Int64"), "b": [True, False, True],
                     "s": ["a", None, "ä"], "c": pd.Categorical(["u", "v", "u"])}, index=[5, 6, 7])
rows.to_csv("rows.csv")
rows.drop(columns="s").to_csv("rows_tab.csv", sep="\t", index=False)
rows.to_parquet("rows.parquet", compression="gzip", index=False)
rows.to_parquet("rows_lz4.parquet", compression="lz4")
rows.to_parquet("rows_rle.parquet", version="2.6", data_page_version="2.0")
rows.assign(when=pd.Timestamp(0)).to_parquet("rows_time.parquet")
rows.assign(nested=[[1], [2], [3]]).to_parquet("rows_nested.parquet")
