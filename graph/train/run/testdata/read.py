"""Read a safetensors file and an npz archive with nothing but the standard library, and print their tensors as JSON."""

import ast
import json
import struct
import sys
import zipfile


def safetensors(path):
    with open(path, "rb") as f:
        (n,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(n))
        data = f.read()
    tensors = {}
    for name, info in header.items():
        if name == "__metadata__":
            continue
        begin, end = info["data_offsets"]
        code, size = {"F32": ("f", 4), "F64": ("d", 8)}[info["dtype"]]
        values = struct.unpack("<%d%s" % ((end - begin) // size, code), data[begin:end])
        tensors[name] = {"shape": info["shape"], "values": values}
    return tensors


def npz(path):
    tensors = {}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            raw = archive.read(name)
            assert raw[:8] == b"\x93NUMPY\x01\x00" and name.endswith(".npy")
            (n,) = struct.unpack("<H", raw[8:10])
            assert (10 + n) % 64 == 0
            header = ast.literal_eval(raw[10 : 10 + n].decode("latin1"))
            assert not header["fortran_order"]
            code, size = {"<f4": ("f", 4), "<f8": ("d", 8)}[header["descr"]]
            data = raw[10 + n :]
            values = struct.unpack("<%d%s" % (len(data) // size, code), data)
            tensors[name[: -len(".npy")]] = {"shape": list(header["shape"]), "values": values}
    return tensors


json.dump([safetensors(sys.argv[1]), safetensors(sys.argv[2]), npz(sys.argv[3])], sys.stdout)
