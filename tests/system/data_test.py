"""The same data set in several formats gives the same measurements; the plan and fa-train read them too."""
import gzip
import struct
import unittest

import h5py
import numpy as np
import tiny_zoo
import torch
from safetensors.torch import load_file
from system_case import NAMES, SystemCase


def measurements(path):
    """All numbers of a run file: without the hashes of the input's bytes, and without metadata_crc32, which covers them."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()].tobytes()})
                        if isinstance(item, h5py.Dataset) and "/" in name else None)
    return found


class DataSets(SystemCase):
    def audit_of(self, data, output, keys=""):
        text = tiny_zoo.manifest(NAMES[:1]).replace("data=data.h5", f"data={data} {keys}")
        return self.audit(output, manifest=self.write_manifest(text, f"{output}.txt"))[0] / f"runs/{NAMES[0]}.h5"

    def test_every_format_gives_the_same_numbers(self):
        with h5py.File(self.folder / "data.h5") as file:
            arrays = {f"{split}_{axis}": file[f"{split}/{axis}"][:] for split in ("train", "test") for axis in "xy"}
        with h5py.File(self.folder / "double.h5", "w") as file:
            for name, values in arrays.items():
                kind = np.float64 if name.endswith("x") else np.int16
                file[name.replace("_", "/")] = values.astype(kind)
        np.savez_compressed(self.folder / "data.npz", **arrays)
        (self.folder / "idx").mkdir()
        x, y = arrays["test_x"], arrays["test_y"]
        shape = struct.pack(">4B2I", 0, 0, 0x0d, 2, *x.shape)
        (self.folder / "idx/t10k-images-idx3-ubyte").write_bytes(shape + x.astype(">f4").tobytes())
        (self.folder / "idx/t10k-labels-idx1-ubyte.gz").write_bytes(
            gzip.compress(struct.pack(">4BI", 0, 0, 8, 1, len(y)) + y.astype(np.uint8).tobytes()))
        wanted = measurements(self.audit_of("data.h5", "wanted"))
        for data in ("double.h5", "data.npz", "idx"):
            with self.subTest(data):
                self.assertEqual(measurements(self.audit_of(data, data.replace(".", "-"))), wanted)

    def test_scaled_inputs_are_measured_as_scaled(self):
        with h5py.File(self.folder / "data.h5") as file, h5py.File(self.folder / "scaled.h5", "w") as scaled:
            x = torch.from_numpy(file["test/x"][:])
            scaled["test/x"] = x.sub(torch.tensor(0.25)).div(torch.tensor(0.3)).numpy()
            scaled["test/y"] = file["test/y"][:]
        wanted = self.audit_of("scaled.h5", "wanted")
        found = self.audit_of("data.h5", "found", "data_mean=0.25 data_std=0.3")
        self.assertEqual(measurements(found), measurements(wanted))

    def test_another_scale_is_measured_again(self):
        before = measurements(self.audit_of("data.h5", "store"))
        self.assertNotEqual(measurements(self.audit_of("data.h5", "store", "data_scale=2")), before)

    def test_two_scales_of_one_file_stay_apart(self):
        lines = [f"name={name} checkpoint={NAMES[0]}.safetensors data=data.h5 batch_size=8 draws=8 {keys}"
                 for name, keys in (("a", ""), ("b", "data_scale=2"), ("c", "data_scale=2"))]
        store, _ = self.audit(manifest=self.write_manifest("\n".join(lines) + "\n"))
        a, b, c = (measurements(store / f"runs/{name}.h5")["norms/hidden"] for name in "abc")
        self.assertNotEqual(a, b)
        self.assertEqual(b, c)

    def test_the_plan_reads_headers_of_every_format(self):
        np.savez(self.folder / "a.npz", test_x=np.ones((90, tiny_zoo.FEATURES + 1)), test_y=np.zeros(90, int))
        (self.folder / "cifar").mkdir()
        (self.folder / "cifar/test_batch.bin").write_bytes(bytes(3073 * 100))
        manifest = self.write_manifest("default batch_size=8 checkpoint=run-0.safetensors\nname=a data=a.npz\n"
                                       "name=b data=cifar\nname=c data=run-1.safetensors\nname=d data=data.h5\n")
        done = self.programs.run("fa-harness", "--manifest", manifest, "--dry-run")
        self.assertEqual(done.returncode, 3)
        shown = done.stdout + done.stderr
        self.assertIn(f"a.npz: its samples have {tiny_zoo.FEATURES + 1} numbers, but the network takes 6", shown)
        self.assertIn("cifar: its samples have 3072 numbers", shown)
        self.assertIn("run-1.safetensors: of no known format", shown)
        self.assertIn(f"1 run of resmlp-{tiny_zoo.DEPTH}x{tiny_zoo.WIDTH}", shown)

    def test_labels_beyond_the_head_are_refused(self):
        np.savez(self.folder / "a.npz", test_x=np.ones((90, tiny_zoo.FEATURES)), test_y=np.full(90, 7))
        text = tiny_zoo.manifest(NAMES[:1]).replace("data.h5", "a.npz")
        _, done = self.audit(manifest=self.write_manifest(text), expect=3)
        self.assertIn("the test split has label 7", done.stdout + done.stderr)

    def test_training_reads_them_too(self):
        with h5py.File(self.folder / "data.h5") as file:
            arrays = {f"{split}_{axis}": file[f"{split}/{axis}"][:] for split in ("train", "test") for axis in "xy"}
        np.savez(self.folder / "data.npz", **arrays)
        weights = []
        for data in ("data.h5", "data.npz"):
            done = self.programs.run("fa-train", "--data", data, "--method", "bp", "--width", "8", "--depth", "1",
                                     "--epochs", "1", "--seed", "1", "--batch-size", "16", "--output", f"{data}.safetensors")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            weights.append({name: tensor.numpy().tobytes()
                            for name, tensor in load_file(self.folder / f"{data}.safetensors").items()})
        self.assertEqual(*weights)


if __name__ == "__main__":
    unittest.main()
