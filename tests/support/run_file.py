"""A run file's checksums, by h5py and zlib alone: what docs/store.md says, not what the program does."""
import pathlib
import zlib

import h5py
import numpy as np


def metadata_crc32(path):
    """zlib's crc32 of a file's bytes that are no dataset's numbers."""
    spans = []

    def note(_, item):
        if isinstance(item, h5py.Dataset) and item.id.get_offset() is not None:
            spans.append((item.id.get_offset(), item.id.get_storage_size()))

    with h5py.File(path, "r") as file:
        file.visititems(note)
    data, crc, at = pathlib.Path(path).read_bytes(), 0, 0
    for offset, size in sorted(spans):
        crc, at = zlib.crc32(data[at:offset], crc), offset + size
    return zlib.crc32(data[at:], crc)


def seal(path):
    """Records the checksum of the metadata again, after a test has changed attributes."""
    crc = metadata_crc32(path)
    with h5py.File(path, "r") as file:
        offset = file["metadata_crc32"].id.get_offset()
    with open(path, "r+b") as file:
        file.seek(offset)
        file.write(np.uint32(crc).tobytes())


def problems_of(path):
    """What is wrong with a run file, as sentences; [] for a whole one."""
    problems = []

    def check(name, item):
        if isinstance(item, h5py.Dataset) and name != "metadata_crc32" and item.attrs["crc32"] != zlib.crc32(item[()].tobytes()):
            problems.append(f"{name} differs from its crc32")

    try:
        with h5py.File(path, "r") as file:
            if file.attrs["schema"] != "fa-harness run 1":
                problems.append(f"has schema {file.attrs['schema']}")
            file.visititems(check)
            recorded = file["metadata_crc32"][()]
        if recorded != metadata_crc32(path):
            problems.append("its metadata differ from their crc32")
    except Exception as error:  # a damaged file can bring about anything
        problems.append(f"can't be read: {error!r}")
    return problems
