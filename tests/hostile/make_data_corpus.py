"""Data sets and manifests that are wrong on purpose: python make_data_corpus.py FOLDER

As make_corpus.py; `corpus()` yields (name, bytes), or (name, {file: bytes}) for data sets that are folders.
"""
import gzip
import io
import pathlib
import random
import struct
import sys
import tempfile
import zipfile
import zlib

import h5py
import numpy as np

from make_corpus import LENGTHS, flipped, mutations, relength, spliced

X = np.arange(60, dtype=np.float32).reshape(6, 10)
Y = np.array([0, 1, 2, 0, 1, 2], np.uint8)
PIXELS = np.arange(6 * 4 * 3, dtype=np.uint8).reshape(6, 4, 3)


# Good files.

def npz(save=np.savez, **arrays):
    stream = io.BytesIO()
    save(stream, **(arrays or {"test_x": X, "test_y": Y}))
    return stream.getvalue()


def hdf5(fill=None, **options):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "file.h5"
        with h5py.File(path, "w", **options) as file:
            if fill:
                fill(file)
            else:
                file["test/x"], file["test/y"] = X, Y
        return path.read_bytes()


def packed(file):
    file.create_dataset("test/x", data=np.zeros((64, 100)), compression="gzip", shuffle=True, fletcher32=True)
    file["test/y"] = np.zeros(64, int)


def idx(array, code=8, sizes=None):
    sizes = array.shape if sizes is None else sizes
    return bytes([0, 0, code, len(sizes)]) + b"".join(struct.pack(">I", size) for size in sizes) + array.tobytes()


def mnist(images=None, labels=None, end=""):
    return {f"t10k-images-idx3-ubyte{end}": idx(PIXELS) if images is None else images,
            f"t10k-labels-idx1-ubyte{end}": idx(Y) if labels is None else labels}


def cifar(labels=(3, 9)):
    return b"".join(bytes([label]) + bytes(3072) for label in labels)


MANIFEST = b"""# runs.txt
default data=good.h5 batch_size=128 batches=8 draws=200 frozen=b data_mean=0.1,0.2
name=a checkpoint=plain.safetensors method='BP, plain' seed=42 feedback=stored:blocks.{l}.B
name=b checkpoint=plain.safetensors method="frozen" frozen=none headline=0.5 normalize=cifar10 # control
"""


# Written by hand.

def npy(descr="<f4", shape="(6, 10)", data=X.tobytes(), order="False", header=None):
    text = (header or f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}").encode("latin1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def zipped(x, y=npy("|u1", "(6,)", Y.tobytes()), method=zipfile.ZIP_STORED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as file:
        for name, data in (("test_x.npy", x), ("test_y.npy", y)):
            file.writestr(name, data)
    return stream.getvalue()


def zip_by_hand(name, stream, size, method=8):
    """One member with a deflated stream and whatever sizes the headers claim, and good labels."""
    labels = npy("|u1", "(6,)", Y.tobytes())
    body, central = bytearray(), bytearray()
    members = ((name, stream, method, size), (b"test_y.npy", labels, 0, len(labels)))
    for member, data, how, claimed in members:
        crc = zlib.crc32(data) if how == 0 else 0
        fields = struct.pack("<HHHHHIIIHH", 20, 0, how, 0, 33, crc, len(data), min(claimed, 2**32 - 2), len(member), 0)
        central += (b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
                    + member)
        body += b"PK\x03\x04" + fields + member + data
    return bytes(body + central) + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(central), len(body), 0)


def ten_gigabytes_of_zeros(start=b""):
    """A raw deflate stream: one compressed megabyte, 10 240 times."""
    def packed(data, flush):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(data) + packer.flush(flush)
    return packed(start, zlib.Z_FULL_FLUSH) + packed(bytes(2**20), zlib.Z_FULL_FLUSH) * 10_240 + packed(b"", zlib.Z_FINISH)


def hand_made_npz():
    for number in LENGTHS:
        yield f"rows-{number}", zipped(npy(shape=f"({number}, 10)"))
        yield f"features-{number}", zipped(npy(shape=f"(6, {number})"))
        yield f"both-{number}", zipped(npy(shape=f"({number}, {number}, {number})"))
    yield "rows-negative", zipped(npy(shape="(-6, -10)"))
    yield "numbers-short", zipped(npy(data=X.tobytes()[:-1]))
    yield "numbers-long", zipped(npy(data=X.tobytes() + b"x"))
    yield "numbers-none", zipped(npy(data=b""))
    yield "header-empty", zipped(npy(header=" "))
    yield "header-nested", zipped(npy(header="{'shape': " + "(" * 60_000))
    yield "header-code", zipped(npy(header="__import__('os').system('touch /tmp/fa-harness-was-here')"))
    yield "header-newlines", zipped(npy(header="{'descr': 'a\n\x1b[2Jb', 'fortran_order': False, 'shape': (6, 10)}"))
    yield "header-length", zipped(b"\x93NUMPY\x02\x00\xff\xff\xff\xff{}")
    yield "axes-many", zipped(npy(shape="(" + "1," * 20_000 + ")"))
    yield "objects", npz(test_x=np.array([[print]], object), test_y=Y[:1])
    yield "records", npz(test_x=np.zeros((6, 1), [("a", "<f4")]), test_y=Y)
    yield "fortran-huge", zipped(npy(order="True", shape=f"({2**31}, {2**31})"))
    yield "method-bzip2", zipped(npy(), method=zipfile.ZIP_BZIP2)
    yield "bomb-honest", zipped(npy("|u1", "(6, 50000000)", bytes(300_000_000)), method=zipfile.ZIP_DEFLATED)
    header = npy("|u1", "(6, 1700000000)", b"")
    bomb = ten_gigabytes_of_zeros(header)
    yield "bomb-10g", zip_by_hand(b"test_x.npy", bomb, 10 * 2**30)
    small = npy("|u1", "(6, 10)", b"")
    yield "bomb-10g-claims-60", zip_by_hand(b"test_x.npy", ten_gigabytes_of_zeros(small), len(small) + 60)
    yield "bomb-10g-labels", zip_by_hand(b"test_z.npy", bomb, 10 * 2**30)
    yield "claims-10g", zip_by_hand(b"test_x.npy", zlib.compress(header)[2:-4], 10 * 2**30)
    yield "only-labels", npz(test_y=Y)
    yield "names-upwards", npz(**{"../test_x": X, "/test_y": Y})


def hand_made_hdf5():
    def claims(shape, **options):
        def fill(file):
            file.create_dataset("test/x", shape, np.float32, **options)
            file["test/y"] = Y
        return fill

    yield "chunks-unwritten", hdf5(claims((6, 2**40), chunks=(6, 16)))
    yield "chunks-2g", hdf5(claims((6, 2**27), chunks=(6, 16)))
    yield "chunks-rows", hdf5(claims((2**62, 10), chunks=(16, 10)))
    yield "bomb-gzip", hdf5(lambda file: (file.create_dataset("test/x", data=np.zeros((6, 2**23), np.float32),
                                                               compression="gzip", chunks=(6, 2**20)),
                                           file.create_dataset("test/y", data=Y)))
    yield "group-for-data", hdf5(lambda file: (file.create_group("test/x"), file.create_group("test/y")))
    yield "link-cycle", hdf5(lambda file: (file.create_group("test"), file["test"].update(
        {"x": h5py.SoftLink("/test/y"), "y": h5py.SoftLink("/test/x")})))
    yield "link-outside", hdf5(lambda file: file.create_group("test").update(
        {"x": h5py.ExternalLink("/etc/passwd", "/x"), "y": h5py.ExternalLink("gone.h5", "/y")}))
    yield "texts", hdf5(lambda file: (file.create_dataset("test/x", data=[["a"]] * 6),
                                      file.create_dataset("test/y", data=Y)))
    yield "compound", hdf5(lambda file: (file.create_dataset("test/x", data=np.zeros((6, 1), [("a", "<f4")])),
                                         file.create_dataset("test/y", data=Y)))
    yield "scalar", hdf5(lambda file: (file.create_dataset("test/x", data=1.0), file.create_dataset("test/y", data=1)))
    yield "null-space", hdf5(lambda file: (file.create_dataset("test/x", data=h5py.Empty("f")),
                                           file.create_dataset("test/y", data=Y)))
    yield "external-bytes", hdf5(claims((6, 2), external=[("/etc/passwd", 0, 48)]))
    layout = h5py.VirtualLayout((6, 10), np.float32)
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (6, 10))
    yield "virtual", hdf5(lambda file: (file.create_virtual_dataset("test/x", layout), file.create_dataset("test/y", data=Y)))


def hand_made_folders():
    for number in (0, 1, 2**31 - 1, 2**31, 2**32 - 1):
        yield f"images-{number}.mnist", mnist(images=idx(PIXELS, sizes=(number, 4, 3)))
        yield f"pixels-{number}.mnist", mnist(images=idx(PIXELS, sizes=(6, number, 3)))
        yield f"all-{number}.mnist", mnist(images=idx(PIXELS, sizes=(number,) * 3))
    yield "type-unknown.mnist", mnist(images=idx(PIXELS, code=7))
    yield "axes-255.mnist", mnist(images=idx(PIXELS, sizes=(6,) * 255))
    yield "labels-images.mnist", mnist(labels=idx(PIXELS))
    yield "labels-float.mnist", mnist(labels=idx(Y.astype(">f4"), code=0x0d))
    yield "labels-negative.mnist", mnist(labels=idx(np.full(6, -1, np.int8), code=9))
    huge = struct.pack(">4B3I", 0, 0, 8, 3, 6, 50_000, 50_000)
    yield "gzip-claims.mnist", mnist(gzip.compress(huge + PIXELS.tobytes()), gzip.compress(idx(Y)), ".gz")
    yield "gzip-bomb.mnist", mnist(gzip.compress(idx(PIXELS) + bytes(10**9)), gzip.compress(idx(Y)), ".gz")
    honest = struct.pack(">4B3I", 0, 0, 8, 3, 6, 10_000, 10_000)
    yield "gzip-bomb-honest.mnist", mnist(gzip.compress(honest + bytes(6 * 10**8)), gzip.compress(idx(Y)), ".gz")
    yield "gzip-cut.mnist", mnist(gzip.compress(idx(PIXELS))[:-4], gzip.compress(idx(Y)), ".gz")
    yield "empty.mnist", {}
    yield "label-10.cifar", {"test_batch.bin": cifar((3, 10))}
    yield "cut.cifar", {"test_batch.bin": cifar()[:-1]}
    yield "empty.cifar", {"test_batch.bin": b""}
    yield "pickled.cifar", {"test_batch": b"cos\nsystem\n(S'touch /tmp/fa-harness-was-here'\ntR."}


def hand_made_manifests():
    words = {b"name": b"a", b"checkpoint": b"plain.safetensors", b"data": b"good.h5"}
    run = b"".join(key + b"=" + value + b" " for key, value in words.items())
    for key in (b"draws", b"batches", b"batch_size", b"draw_seed", b"eval_seed"):
        for number in (-1, 2**64, 10**400, 1e308):
            yield f"{key.decode()}-{str(number)[:24]}-{len(str(number))}", run + key + b"=%s\n" % str(number).encode()
    yield "batches-product", run + b"batches=2147483647 batch_size=2147483647\n"
    for word in (b"data_mean=1,,2", b"data_mean=nan", b"data_mean=" + b"1," * 100_000, b"data_std=0", b"data_std=-1",
                 b"data_scale=0", b"data_scale=1e999", b"data_layout=x", b"normalize=imagenet", b"checkpoint=" + b"x" * 5000,
                 b"name=" + b"y" * 5000, b"name=../../etc/passwd", b"frozen=a", b"frozen=gone", b"credit=\xff",
                 b"feedback=stored:{l}{l}", b"data=/dev/zero", b"checkpoint=/", b"note='open", b"=5", b"x" * 100_000):
        yield f"word-{word[:20].decode('latin1').translate(str.maketrans('/=,', '___'))!a}", b" ".join(
            key + b"=" + value for key, value in words.items() if not word.startswith(key + b"=")) + b" " + word + b"\n"
    yield "zero-bytes", run + b"note=\0\n"
    yield "escape", run + b"note=\x1b[2J\n"
    yield "not-utf8", run + b"note=\xc3\x28\n"
    yield "one-line-of-megabytes", run + b"note=" + b"a " * 2_000_000 + b"\n"
    yield "nothing", b"# no run\n"
    yield "same-name", (run + b"\n") * 2
    yield "unknown-keys", b"".join(b"key%d=1 " % i for i in range(5_000)) + b"\n"


def tensors(change=None, attributes=None):
    """A file of model=tensors (docs/tensors.md): 6 samples, layers of 4 and 5, 3 classes."""
    def fill(file):
        file.attrs["schema"], file.attrs["batch_size"], file.attrs["reduction"] = "fa-harness tensors 1", 3, "mean"
        file.attrs["method"] = "DFA"
        for name, value in (attributes or {}).items():
            file.attrs[name] = value
        for layer, width in enumerate((4, 5)):
            for group in ("gradient", "hidden", "credit"):
                file[f"{group}/{layer}"] = np.ones((6, width))
            file[f"feedback/{layer}"] = np.ones((width, 3), np.float32)
        file["error"], file["label"], file["loss"] = np.ones((6, 3)), np.arange(6) % 3, np.ones(6)
        file["correct"] = np.ones(20, np.uint8)
        if change:
            change(file)
    return hdf5(fill)


def without(*names):
    def change(file):
        for name in names:
            del file[name]
    return change


def with_dataset(name, *arguments, **options):
    def change(file):
        if name in file:
            del file[name]
        file.create_dataset(name, *arguments, **options)
    return change


def hand_made_tensors():
    yield "schema-other", tensors(attributes={"schema": "fa-harness run 1"})
    yield "schema-number", tensors(attributes={"schema": 1})
    yield "reduction-other", tensors(attributes={"reduction": "max"})
    for size in (0, -1, 2**63 - 1):
        yield f"batch-size-{size}", tensors(attributes={"batch_size": size})
    yield "batch-size-text", tensors(attributes={"batch_size": "many"})
    for name in ("error", "label", "gradient", "gradient/0", "hidden", "hidden/1", "credit/0"):
        yield f"without-{name.replace('/', '-')}", tensors(without(name))
    for name, shape in (("error", (6, 0)), ("error", (0, 3)), ("gradient/1", (5, 5)), ("gradient/1", (6,)),
                        ("hidden/0", (6, 5)), ("label", (6, 1)), ("loss", (7,)), ("credit/1", (6, 4)), ("correct", (2, 2))):
        kind = np.int64 if name in ("label", "correct") else np.float64
        yield f"shape-{name.replace('/', '-')}-{'x'.join(map(str, shape))}", tensors(with_dataset(name, shape, kind))
    for name, shape in (("gradient/0", (6, 2**40)), ("gradient/0", (6, 2**27)), ("feedback/0", (2**31, 2**31)),
                        ("feedback/0", (2**14, 2**14)), ("correct", (2**40,))):
        kind = np.uint8 if name == "correct" else np.float32
        yield f"claims-{name.replace('/', '-')}-{shape[-1]}", tensors(with_dataset(name, shape, kind, chunks=True))
    yield "label-negative", tensors(with_dataset("label", data=np.full(6, -1)))
    yield "label-3", tensors(with_dataset("label", data=np.full(6, 3)))
    yield "label-float", tensors(with_dataset("label", data=np.zeros(6)))
    yield "gradient-int", tensors(with_dataset("gradient/0", data=np.zeros((6, 4), int)))
    yield "correct-2", tensors(with_dataset("correct", data=np.full(9, 2, np.uint8)))
    yield "credit-external", tensors(with_dataset("credit/0", (6, 4), np.float64, external=[("/etc/passwd", 0, 192)]))
    yield "group-cycle", tensors(lambda file: (without("gradient")(file), file.update({"gradient": h5py.SoftLink("/")})))


def mutated_folder(name, files):
    rng = random.Random(name)
    stem, extension = name.split(".")
    for i in range(40):
        file = rng.choice(sorted(files))
        mutate = rng.choice((flipped, spliced, relength, lambda data, rng: data[:rng.randrange(len(data))]))
        yield f"{stem}-mutated-{i}.{extension}", files | {file: mutate(files[file], rng)}


def corpus():
    for name, data in (("good.h5", hdf5()), ("latest.h5", hdf5(libver="latest")), ("packed.h5", hdf5(packed)),
                       ("stored.npz", npz()), ("deflated.npz", npz(np.savez_compressed)), ("runs.txt", MANIFEST),
                       ("measured.tensors", tensors())):
        yield name, data
        yield from mutations(name, data)
    for name, files in (("images.mnist", mnist()), ("images.cifar", {"test_batch.bin": cifar()}),
                        ("packed.mnist", mnist(gzip.compress(idx(PIXELS), mtime=0), gzip.compress(idx(Y), mtime=0), ".gz"))):
        yield name, files
        yield from mutated_folder(name, files)
    for extension, made in (("npz", hand_made_npz()), ("h5", hand_made_hdf5()), ("txt", hand_made_manifests()),
                            ("tensors", hand_made_tensors())):
        for name, data in made:
            yield f"made-{name}.{extension}", data
    for name, files in hand_made_folders():
        yield f"made-{name}", files


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in corpus():
        path = folder / name
        if isinstance(data, bytes):
            path.write_bytes(data)
        else:
            path.mkdir()
            for file, content in data.items():
                (path / file).write_bytes(content)
