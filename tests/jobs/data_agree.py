"""Data sets as NumPy and h5py write them, read to the same bits as Python reads them: python data_agree.py data_echo"""
import gzip
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

import h5py
import numpy as np
import torch

FLOATS = ("<f2", "<f4", "<f8", ">f2", ">f4", ">f8")
INTEGERS = ("|u1", "<u2", ">u2", "<u4", "<u8", "|i1", "<i2", ">i2", "<i4", "<i8", ">i8")


def values(dtype, shape):
    random = np.random.default_rng(1)
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        x = random.normal(size=shape) * 10.0 ** random.integers(-6, 5, size=shape)
        return x.astype(dtype)
    limits = np.iinfo(dtype)
    return random.integers(limits.min, limits.max, size=shape, endpoint=True, dtype=dtype.newbyteorder("=")).astype(dtype)


class Data(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="fa-data-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.path = self.folder / "data"

    def echo(self, split="test", *words, path=None):
        done = subprocess.run([sys.argv[1], path or self.path, split, *words], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def assert_read(self, found, x, y):
        """x: float32 [samples, …]"""
        self.assertNotIn("error", found)
        self.assertEqual(found["shape"], list(x.shape[1:]))
        self.assertEqual(found["labels"], np.asarray(y).ravel().tolist())
        np.testing.assert_array_equal(np.array(found["bits"], np.uint32), np.ascontiguousarray(x).view(np.uint32).ravel())

    def error(self, *arguments, **options):
        return self.echo(*arguments, **options).get("error", "no error")

    def as_read(self, x):
        """Plain float32; pixels become x/255, as torchvision's ToTensor makes them."""
        single = torch.from_numpy(x.astype(x.dtype.newbyteorder("=")).astype(np.float32))
        return (single.div(255) if x.dtype == np.uint8 else single).numpy()

    def test_npz_of_every_type_stored_and_deflated(self):
        y = np.array([3, 0, 7])
        for dtype in FLOATS + INTEGERS:
            for save in (np.savez, np.savez_compressed):
                with self.subTest(dtype=dtype, save=save.__name__), open(self.path, "wb") as file:
                    x = values(dtype, (3, 2, 5))
                    save(file, test_x=x, test_y=y)
                    file.close()
                    self.assert_read(self.echo(), self.as_read(x), y)

    def test_npz_half_precision_has_every_value(self):
        x = np.arange(65536, dtype=np.uint16).view(np.float16)
        x = np.where(np.isnan(x), np.float16(np.nan), x).reshape(2, -1)
        np.savez(self.folder / "a.npz", test_x=x, test_y=[0, 1])
        found = np.array(self.echo(path=self.folder / "a.npz")["bits"], np.uint32).view(np.float32).reshape(2, -1)
        np.testing.assert_array_equal(found, x.astype(np.float32))

    def test_npz_labels_of_every_integer_type_and_as_a_column(self):
        x = values("<f4", (3, 2))
        for dtype in INTEGERS:
            with self.subTest(dtype=dtype):
                np.savez(self.folder / "a.npz", x_test=x, y_test=np.array([[5], [0], [100]], dtype))
                self.assert_read(self.echo(path=self.folder / "a.npz"), x, [5, 0, 100])

    def test_npz_in_fortran_order(self):
        for shape in ((4, 3), (4, 3, 2), (2, 3, 4, 5)):
            x = np.asfortranarray(values("<f4", shape))
            np.savez(self.folder / "a.npz", test_x=x, test_y=np.arange(shape[0]))
            self.assert_read(self.echo(path=self.folder / "a.npz"), x, range(shape[0]))

    def test_npz_of_every_header_version(self):
        x, y = values("<f4", (3, 2)), np.arange(3)
        for version in ((1, 0), (2, 0), (3, 0)):
            with zipfile.ZipFile(self.path, "w") as archive:
                for name, array in (("train_images", x), ("train_labels", y)):
                    with archive.open(f"{name}.npy", "w") as member:
                        np.lib.format.write_array(member, array, version=version)
            self.assert_read(self.echo("train"), x, y)

    def test_npz_says_what_is_wrong(self):
        y = np.arange(3)
        for arrays, message in (
                ({"x": y}, "no array 'test_x'"), ({"test_x": np.ones((3, 2))}, "no array 'test_y' beside"),
                ({"test_x": np.ones((3, 2)), "test_y": y * 1.0}, "labels are integers"),
                ({"test_x": np.ones((3, 2)), "test_y": y[:2]}, "3 samples"),
                ({"test_x": np.ones((3, 2)), "test_y": -y}, "label -1 of sample 1"),
                ({"test_x": np.ones(3), "test_y": y}, "[samples, features"),
                ({"test_x": np.ones((3, 0)), "test_y": y}, "empty"),
                ({"test_x": np.ones((3, 2), complex), "test_y": y}, "'<c16'"),
                ({"test_x": np.array([["a"]]), "test_y": y[:1]}, "'<U1'")):
            np.savez(self.folder / "a.npz", **arrays)
            self.assertIn(message, self.error(path=self.folder / "a.npz"))

    def test_npz_objects_are_refused_unread(self):
        np.savez(self.folder / "a.npz", test_x=np.array([[{}]], object), test_y=[0])
        self.assertIn("'|O'", self.error(path=self.folder / "a.npz"))

    def test_npz_that_unpacks_to_too_much_is_refused(self):
        np.savez_compressed(self.folder / "a.npz", test_x=np.zeros((1, 200_000_000), np.uint8), test_y=[0])
        self.assertIn("100 times", self.error(path=self.folder / "a.npz"))

    def test_npz_with_damaged_bytes_is_refused(self):
        for save in (np.savez, np.savez_compressed):
            with open(self.path, "wb") as file:
                save(file, test_x=values("<f4", (3, 1000)), test_y=[0, 1, 2])
            data = bytearray(self.path.read_bytes())
            data[2000] ^= 1
            self.path.write_bytes(data)
            self.assertIn("test_x.npy", self.error())

    def test_hdf5_of_every_type(self):
        for dtype in FLOATS + INTEGERS:
            with self.subTest(dtype=dtype), h5py.File(self.path, "w") as file:
                x = values(dtype, (3, 2, 4))
                file["test/x"], file["test/y"] = x, np.array([1, 0, 2], "<i2")
                file.close()
                self.assert_read(self.echo(), self.as_read(x), [1, 0, 2])

    def test_hdf5_packed_and_behind_a_user_block(self):
        x = values("<f4", (30, 20))
        with h5py.File(self.path, "w", userblock_size=1024) as file:
            file.create_dataset("x_test", data=x, compression="gzip", shuffle=True, chunks=(7, 20))
            file["y_test"] = np.zeros((30, 1), np.uint8)
        self.assert_read(self.echo(), x, np.zeros(30, int))

    def test_hdf5_labels_are_integers(self):
        with h5py.File(self.path, "w") as file:
            file["test/x"], file["test/y"] = values("<f4", (2, 2)), np.array([0.0, 1.0])
        self.assertIn("labels are integers", self.error())

    def test_idx_gzipped(self):
        x, y = values("|u1", (5, 4, 3)), np.array([1, 2, 3, 4, 0], np.uint8)
        images, labels = self.folder / "t10k-images-idx3-ubyte.gz", self.folder / "t10k-labels-idx1-ubyte.gz"
        images.write_bytes(gzip.compress(struct.pack(">4B3I", 0, 0, 8, 3, *x.shape) + x.tobytes()))
        labels.write_bytes(gzip.compress(struct.pack(">4BI", 0, 0, 8, 1, len(y)) + y.tobytes()))
        for path in (self.folder, images):
            self.assert_read(self.echo(path=path), self.as_read(x), y)
        images.write_bytes(images.read_bytes()[:-9])
        self.assertIn("t10k-images", self.error(path=self.folder))

    def test_normalisation_has_the_bits_of_torchvision(self):
        """ToTensor: pixels / 255 in float32; Normalize: sub and div by float32 means and stds."""
        x, y = values("|u1", (4, 3, 32, 32)), np.array([0, 1, 2, 3], np.uint8)
        records = b"".join(bytes([label]) + image.tobytes() for label, image in zip(y, x))
        (self.folder / "test_batch.bin").write_bytes(records)
        mean, std = (torch.tensor(list).view(1, 3, 1, 1) for list in ((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616)))
        wanted = torch.from_numpy(x).float().div(255).sub_(mean).div_(std).numpy()
        self.assert_read(self.echo("test", "normalize=cifar10", path=self.folder), wanted, y)
        explicit = ("data_mean=0.4914,0.4822,0.4465", "data_std=0.2470,0.2435,0.2616")
        self.assert_read(self.echo("test", *explicit, path=self.folder), wanted, y)
        halves = torch.from_numpy(x).float().mul(1 / 128).sub_(1.0).numpy()
        self.assert_read(self.echo("test", "data_scale=0.0078125", "data_mean=1", path=self.folder), halves, y)

    def test_channels_last(self):
        x = values("|u1", (4, 5, 6, 3))
        np.savez(self.folder / "a.npz", x_test=x, y_test=np.zeros((4, 1), int))
        found = self.echo("test", "data_layout=channels_last", "data_mean=0.1,0.2,0.3", path=self.folder / "a.npz")
        mean = torch.tensor((0.1, 0.2, 0.3)).view(1, 3, 1, 1)
        wanted = torch.from_numpy(x.transpose(0, 3, 1, 2).copy()).float().div(255).sub_(mean).numpy()
        self.assert_read(found, wanted, np.zeros(4, int))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
