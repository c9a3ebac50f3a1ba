"""Files that are wrong on purpose, made of good ones: python make_corpus.py FOLDER

The same files every time: every choice is seeded. `corpus()` yields (name, bytes).
"""
import io
import pathlib
import pickle
import random
import struct
import sys
import warnings
import zipfile
import zlib

import torch
from safetensors.torch import save

LENGTHS = [0, 1, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**62, 2**63 - 1, 2**63, 2**64 - 1]


def saved(content, **options):
    stream = io.BytesIO()
    torch.save(content, stream, **options)
    return stream.getvalue()


def good_files():
    torch.manual_seed(1)
    state = torch.nn.Sequential(torch.nn.Linear(5, 4), torch.nn.LayerNorm(4), torch.nn.Linear(4, 3)).state_dict()
    content = {"model": state, "Bs": [torch.randn(4, 3) for _ in range(3)], "epoch": 3, "method": "dfa"}
    old = {"_use_new_zipfile_serialization": False}
    yield "zip.pt", saved(content)
    yield "protocol4.pt", saved(content, pickle_protocol=4)
    yield "legacy.pt", saved(content, **old)
    yield "legacy4.pt", saved(content, pickle_protocol=4, **old)
    yield "plain.safetensors", save({name: tensor.clone() for name, tensor in state.items()}, {"method": "dfa"})


def flipped(data, rng):
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 4, 32))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def spliced(data, rng):
    """A stretch removed, doubled, or taken from elsewhere in the file."""
    at, source = rng.randrange(len(data)), rng.randrange(len(data))
    length = rng.randrange(1, 40)
    return rng.choice((data[:at] + data[at + length:], data[:at] + data[at:at + length] + data[at:],
                       data[:at] + data[source:source + length] + data[at + length:]))


def relength(data, rng):
    """A number in the file, wherever it is, replaced by one at a border."""
    width = rng.choice((4, 8))
    at = rng.randrange(len(data) - width)
    number = rng.choice(LENGTHS) % 2**(8 * width)
    return data[:at] + number.to_bytes(width, "little") + data[at + width:]


def mutations(name, data):
    rng = random.Random(name)
    stem, extension = name.split(".")
    for kind, mutate, count in (("flipped", flipped, 24), ("spliced", spliced, 16), ("length", relength, 16)):
        for i in range(count):
            yield f"{stem}-{kind}-{i}.{extension}", mutate(data, rng)
    for i in range(12):
        yield f"{stem}-truncated-{i}.{extension}", data[:rng.randrange(len(data))]
    yield f"{stem}-empty.{extension}", b""
    yield f"{stem}-doubled.{extension}", data + data


# Pickles by hand (Python's pickletools says what an opcode does) in a zip that is right.

def text(value):
    return b"X" + struct.pack("<I", len(value)) + value.encode()


def long(value):
    return pickle.encode_long(value).join((b"\x8a" + bytes([len(pickle.encode_long(value))]), b""))


def tensor(storage=b"torch\nFloatStorage", key="0", elements=6, offset=0, shape=(2, 3), strides=(3, 1)):
    axes = lambda numbers: b"(" + b"".join(map(long, numbers)) + b"t"
    return (b"ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + b"c" + storage + b"\n" + text(key) + text("cpu")
            + long(elements) + b"tQ" + long(offset) + axes(shape) + axes(strides)
            + b"\x89ccollections\nOrderedDict\n)RtR")


def dict_of(**values):
    return b"\x80\x02}(" + b"".join(text(name) + value for name, value in values.items()) + b"u."


def zipped(pickled, storage=bytes(24), compression=zipfile.ZIP_STORED, records=()):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as file:
        file.writestr("archive/data.pkl", pickled)
        file.writestr("archive/data/0", storage)
        for name, data in records:
            file.writestr(zipfile.ZipInfo(name), data)
    return stream.getvalue()


def hand_made_pickles():
    yield "nested-lists", b"]" * 500_000 + b"a" * 499_999 + b"."
    yield "nested-tuples", b"N" + b"\x85" * 500_000 + b"."
    yield "nested-dicts", b"}" + b"".join(text("a") + b"}" for _ in range(50_000)) + b"s" * 50_000 + b"."
    yield "nested-calls", b"cos\nsystem\n" + b")R" * 300_000 + b"."
    yield "nested-parameters", dict_of(w=b"ctorch._utils\n_rebuild_parameter\n(" * 50_000 + b"N" + b"tR" * 50_000)
    yield "too-many-lists", b"]" * 4_000_000 + b"."
    yield "too-many-marks", b"(" * 4_000_000 + b"."
    yield "too-many-copies", b"N" + b"2" * 4_000_000 + b"."
    yield "list-in-itself", b"]q\x00h\x00a."
    yield "dict-in-itself", b"}q\x00" + text("model") + b"h\x00s."
    yield "tensor-of-itself", b"\x80\x02}" + text("w") + b"ctorch._utils\n_rebuild_parameter\n]q\x00h\x00a\x85Rs."
    # 2^40 paths lead to the innermost dict.
    yield "a-billion-laughs", (b"}q\x00" + text("w") + tensor() + b"s" +
                               b"".join(b"}(" + text("a") + b"h" + bytes([i]) + text("b") + b"h" + bytes([i])
                                        + b"uq" + bytes([i + 1]) for i in range(40)) + b".")
    many = b"".join(text(f"w{i}") + b"h\x01" for i in range(20_000))
    yield "one-tensor-many-names", b"\x80\x02}(" + text("w") + tensor() + b"q\x01" + many + b"u."
    arguments = b"(" + b"N" * 100_000 + b"tq\x02"
    calls = b"".join(text(f"w{i}") + b"ctorch._utils\n_rebuild_tensor_v2\nh\x02R" for i in range(20_000))
    yield "one-long-tuple-many-calls", b"\x80\x02}(" + text("a") + arguments + calls + b"u."
    dicts = b"}q\x02(" + b"".join(text(f"{i}") + b"N" for i in range(50_000)) + b"u"
    yield "one-long-dict-many-keys", (b"\x80\x02}(" + text("a") + dicts +
                                      b"".join(text(f"w{i}") + b"h\x02" for i in range(20_000)) + b"u.")
    yield "memo-far", b"Nr\xff\xff\xff\xff."
    yield "system", b"cos\nsystem\n(" + text("touch /tmp/fa-harness-was-here") + b"tR."
    yield "system-beside", dict_of(w=tensor(), evil=b"cos\nsystem\n(" + text("touch x") + b"tR")
    yield "eval", b"c__builtin__\neval\n(" + text("1/0") + b"tR."
    yield "key-twice", dict_of(w=tensor())[:-2] + text("w") + tensor() + b"u."
    yield "key-of-tensor", b"\x80\x02}" + tensor() + tensor() + b"s."
    yield "key-of-newlines", dict_of(**{"a\n\x1b[2Jb": tensor(elements=7)})
    yield "key-of-megabytes", dict_of(**{"k" * 3_000_000: tensor(elements=7)})
    yield "name-not-utf8", b"\x80\x02}X\x02\x00\x00\x00\xff\xfe" + tensor() + b"s."


def hand_made_tensors():
    for number in LENGTHS + [-1, -2**31, -2**63]:
        yield f"elements-{number}", dict_of(w=tensor(elements=number))
        yield f"offset-{number}", dict_of(w=tensor(offset=number))
        yield f"rows-{number}", dict_of(w=tensor(shape=(number, 3)))
        yield f"stride-{number}", dict_of(w=tensor(strides=(number, 1)))
    yield "product-overflows", dict_of(w=tensor(shape=(2**32, 2**32)))
    yield "empty-but-huge", dict_of(w=tensor(shape=(0, 2**62), strides=(2**62, 1)))
    yield "axes-100", dict_of(w=tensor(shape=(1,) * 100, strides=(1,) * 100))
    yield "axes-differ", dict_of(w=tensor(strides=(1,)))
    yield "class-unknown", dict_of(w=tensor(storage=b"evil\nFloatStorage"))
    for key in ("../../etc/passwd", "/etc/passwd", "", "0\x00", "7"):
        yield f"key-{key.replace('/', '_')!a}", dict_of(w=tensor(key=key))


def overlapping():
    """1 000 records that are the same bytes of the file."""
    storage = bytes(400_000)
    pickled = dict_of(**{f"w{i}": tensor(key=str(i), elements=100_000, shape=(100_000,), strides=(1,))
                         for i in range(1000)})
    body = bytearray()
    central = bytearray()
    first = None
    for name, data in [("archive/data.pkl", pickled)] + [(f"archive/data/{i}", storage) for i in range(1000)]:
        offset = len(body)
        crc, size = zlib.crc32(data), len(data)
        header = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, crc, size, size, len(name), 0)
        if name == "archive/data.pkl" or first is None:
            body += b"PK\x03\x04" + header + name.encode() + data
            first = offset if name != "archive/data.pkl" else None
        else:
            offset = first
        central += (b"PK\x01\x02" + struct.pack("<H", 20) + header + struct.pack("<HHHII", 0, 0, 0, 0, offset)
                    + name.encode())
    count = 1001
    return bytes(body + central) + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), len(body), 0)


def hand_made_zips():
    good = dict_of(w=tensor())
    yield "bomb-deflated-storage", zipped(good, bytes(300_000_000), zipfile.ZIP_DEFLATED)
    yield "bomb-deflated-pickle", zipped(b"]" * 200_000_000, compression=zipfile.ZIP_DEFLATED)
    yield "bomb-overlapping", overlapping()
    yield "storage-short", zipped(good, bytes(23))
    yield "storage-long", zipped(good, bytes(25))
    yield "storage-empty", zipped(good, b"")
    yield "names-absolute", zipped(good, records=[("/etc/passwd", b"x"), ("/data.pkl", good)])
    yield "names-upwards", zipped(good, records=[("../data.pkl", good), ("archive/../../x", b"x")])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield "names-twice", zipped(good, records=[("archive/data.pkl", good)])
    yield "two-archives", zipped(good, records=[("other/data.pkl", good)])
    yield "big-endian", zipped(good, records=[("archive/byteorder", b"big")])
    yield "byteorder-long", zipped(good, records=[("archive/byteorder", bytes(1_000_000))])
    yield "many-records", zipped(good, records=[(f"archive/data/{i}", b"") for i in range(1, 30_000)])


def hand_made_safetensors():
    def file(header, data=b""):
        return struct.pack("<Q", len(header)) + header + data

    entry = b'{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
    for length in LENGTHS:
        yield f"header-{length}", struct.pack("<Q", length) + b'{"w":' + entry + b"}" + bytes(8)
        yield f"shape-{length}", file(b'{"w":{"dtype":"F32","shape":[%d,4],"data_offsets":[0,8]}}' % length, bytes(8))
        yield f"end-{length}", file(b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,%d]}}' % length, bytes(8))
    yield "nested", file(b"[" * 1_000_000)
    yield "nested-objects", file(b'{"w":' * 300_000)
    yield "key-twice", file(b'{"w":' + entry + b',"w":' + entry + b"}", bytes(8))
    yield "number-long", file(b'{"w":{"dtype":"F32","shape":[' + b"9" * 100_000 + b'],"data_offsets":[0,8]}}', bytes(8))
    yield "name-of-megabytes", file(b'{"' + b"k" * 3_000_000 + b'":7}')


def corpus():
    for name, data in good_files():
        yield name, data
        yield from mutations(name, data)
    for name, pickled in list(hand_made_pickles()) + list(hand_made_tensors()):
        yield f"made-{name}.pt", zipped(pickled)
    for name, data in hand_made_zips():
        yield f"made-{name}.pt", data
    for name, data in hand_made_safetensors():
        yield f"made-{name}.safetensors", data


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in corpus():
        (folder / name).write_bytes(data)
