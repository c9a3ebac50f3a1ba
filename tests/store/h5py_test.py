"""A run file as a Python user meets it: plain names, axes, units, checksums, exact values."""

import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

import h5py
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import run_file  # noqa: E402

WRITER = sys.argv.pop(1)
# In the order of writing, by which the example run numbers them.
NAMES = """samples/index samples/label samples/loss accuracy/correct norms/hidden norms/gradient norms/error
gamma/train gamma/centered_train gamma/batchvec_train gamma/flat_train gamma/concat_train
gamma/train_histogram gamma/fresh gamma/fresh_mean gamma/fresh_median gamma/fresh_iqm gamma/fresh_angle
gamma/fresh_count gamma/batchvec_fresh gamma/flat_fresh gamma/concat_fresh gamma/fresh_histogram
direction/cosine pitfalls/clamped_old pitfalls/clamped_new pitfalls/fp16_gamma pitfalls/fp16_lost
pitfalls/bf16_gamma pitfalls/bf16_lost pitfalls/float32_gamma pitfalls/fp16_hidden_overflow
pitfalls/norm_minus_one relaxation/residual""".split()
SIZES = {"sample": 18, "layer": 3, "batch": 3, "draw": 5, "bin": 2048, "test_sample": 41}


def text(value):
    assert isinstance(value, str), f"h5py gives {value!r}, not a str"
    return value


class RunFile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = Path(cls.folder.name) / "dfa-s42.h5"
        subprocess.run([WRITER, cls.path], check=True)
        cls.file = h5py.File(cls.path, "r")
        cls.datasets = {}
        cls.file.visititems(cls.note)

    @classmethod
    def note(cls, name, item):
        if isinstance(item, h5py.Dataset):
            cls.datasets[name] = item

    @classmethod
    def tearDownClass(cls):
        cls.file.close()
        cls.folder.cleanup()

    def test_root_says_what_the_run_is(self):
        attributes = self.file.attrs
        self.assertEqual(text(attributes["schema"]), "fa-harness run 1")
        self.assertEqual(text(attributes["name"]), "dfa-s42")
        self.assertEqual(text(attributes["feedback_sha256"]), "")
        self.assertEqual(attributes["depth"], 2)
        self.assertEqual(list(attributes["width"]), [7, 7, 7])
        self.assertEqual(attributes["draw_seed"], 2**64 - 1)
        self.assertEqual(attributes["feedback_sign"], -1)
        self.assertIs(bool(attributes["feedback_shared"]), True)
        relaxation = self.file["relaxation"].attrs
        self.assertEqual((relaxation["beta"], relaxation["steps"], relaxation["step"]), (0.3, 12, 0.1))
        self.assertEqual(attributes["feedback_shared"].dtype, np.bool_)

    def test_every_dataset_of_the_design_is_there(self):
        self.assertEqual(self.file["gamma/train"][:].shape, (18, 3))
        self.assertEqual(sorted(self.datasets), sorted([*NAMES, "metadata_crc32"]))

    def test_the_metadata_have_a_checksum(self):
        self.assertEqual(self.file["metadata_crc32"].dtype, np.dtype("<u4"))
        self.assertEqual(self.file["metadata_crc32"][()], run_file.metadata_crc32(self.path))
        self.assertEqual(run_file.problems_of(self.path), [])

    def test_axes_tell_the_shape(self):
        for name in NAMES:
            dataset = self.datasets[name]
            axes = text(dataset.attrs["axes"]).split()
            self.assertEqual(dataset.shape, tuple(SIZES[axis] for axis in axes), name)

    def test_each_dataset_has_a_unit_and_a_definition(self):
        for name in NAMES:
            dataset = self.datasets[name]
            self.assertTrue(text(dataset.attrs["unit"]), name)
            self.assertGreater(len(text(dataset.attrs["definition"])), 20, name)

    def test_checksums_are_zlibs(self):
        for name in NAMES:
            dataset = self.datasets[name]
            self.assertEqual(dataset.attrs["crc32"], zlib.crc32(dataset[()].tobytes()), name)

    def test_values_are_exact(self):
        for number, name in enumerate(NAMES):
            dataset = self.datasets[name]
            k = np.arange(dataset.size)
            if dataset.dtype.kind == "f":
                expected = np.where(k % 11 == 10, np.nan, k / 4 - number)
            else:
                expected = (7 * k + number) % 251
            np.testing.assert_array_equal(dataset[()].ravel(), expected.astype(dataset.dtype), name)

    def test_types_are_the_designs(self):
        self.assertEqual(self.file["gamma/fresh"].dtype, np.dtype("<f4"))
        self.assertEqual(self.file["gamma/train"].dtype, np.dtype("<f8"))
        self.assertEqual(self.file["gamma/fresh_histogram"].dtype, np.dtype("<u8"))
        self.assertEqual(self.file["accuracy/correct"].dtype, np.dtype("u1"))


if __name__ == "__main__":
    unittest.main()
