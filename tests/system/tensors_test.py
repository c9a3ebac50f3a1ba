"""model=tensors: what Python measured of a network in double gives what the audit of the network itself gives."""
import unittest

import h5py
import numpy as np
import torch
from system_case import SystemCase  # finds the folders of what follows

import measures
import tiny_zoo
from model import read_checkpoint

BATCHES, SIZE = 9, 8
KEYS = f"batch_size={SIZE} batches={BATCHES} draws=21 draw_seed=3"
# What the file doesn't say, or says otherwise: rows of the file, a float32 forward.
OTHERS = {"samples/index", "pitfalls/float32_gamma"}


def datasets(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]})
                        if isinstance(item, h5py.Dataset) and name != "metadata_crc32" else None)
    return found


class Tensors(SystemCase):
    def write_zoo(self):
        tiny_zoo.write_zoo(self.folder, runs=2)
        self.network_run = self.audit_lines("network", "name=a checkpoint=run-0.safetensors data=data.h5")
        self.wanted = datasets(self.network_run)
        self.write_tensors("a.h5")

    def audit_lines(self, output, *lines, **options):
        manifest = self.write_manifest(f"default {KEYS}\n" + "\n".join(lines) + "\n", f"{output}.txt")
        store, self.done = self.audit(output, manifest=manifest, **options)
        return store / "runs/a.h5"

    def measured(self):
        """The network's evaluation batches as one, by plain PyTorch in double."""
        with h5py.File(self.folder / "data.h5") as file:
            index = self.wanted["samples/index"]
            x, y = torch.from_numpy(file["test/x"][:][index]), torch.from_numpy(file["test/y"][:][index]).long()
        self.checkpoint = read_checkpoint(self.folder / "run-0.safetensors")
        return measures.probe(self.checkpoint, x.double(), y, "cross_entropy", "dfa")

    def write_tensors(self, name, change=None, factor=1.0, **attributes):
        probe = self.measured()
        with h5py.File(self.folder / name, "w") as file:
            attributes = {"schema": "fa-harness tensors 1", "batch_size": SIZE, "reduction": "sum"} | attributes
            for key, value in attributes.items():
                file.attrs[key] = value
            for layer, (h, g) in enumerate(zip(probe.hidden, probe.gradient)):
                file[f"hidden/{layer}"], file[f"gradient/{layer}"] = h.numpy(), g.numpy() * factor
                file[f"feedback/{layer}"] = self.checkpoint.feedback[layer].float().numpy()
            file["error"], file["loss"], file["label"] = probe.error.numpy(), probe.loss.numpy(), probe.labels.numpy()
            file["correct"] = self.wanted["accuracy/correct"]
            if change:
                change(file, probe)

    def assert_same(self, found, without=frozenset()):
        self.assertEqual(set(found), set(self.wanted) - set(without))
        for name in sorted(set(found) - OTHERS):
            tolerance = 2e-6 if "fresh" in name else 1e-12
            if name.endswith("_histogram"):
                self.assertLess(np.abs(found[name].astype(int) - self.wanted[name].astype(int)).sum(), 20, name)
            else:
                np.testing.assert_allclose(found[name], self.wanted[name], rtol=tolerance, atol=tolerance, err_msg=name)

    def test_measurements_are_those_of_the_network_itself(self):
        found = datasets(self.audit_lines("tensors", "name=a checkpoint=a.h5 model=tensors"))
        self.assert_same(found)
        np.testing.assert_array_equal(found["samples/index"], np.arange(BATCHES * SIZE))
        self.assertTrue(np.isnan(found["pitfalls/float32_gamma"]).all())

    def test_gradients_of_the_mean_loss_are_scaled_back(self):
        self.write_tensors("mean.h5", factor=1 / 40, reduction="mean", batch_size=40)
        self.assert_same(datasets(self.audit_lines("mean", "name=a checkpoint=mean.h5 model=tensors")))

    def test_the_methods_own_credit_needs_no_feedback(self):
        def change(file, probe):
            for layer, signal in enumerate(measures.credit(probe, self.checkpoint.feedback)):
                file[f"credit/{layer}"] = signal.numpy()
            del file["feedback"]

        self.write_tensors("credit.h5", change)
        path = self.audit_lines("credit", "name=a checkpoint=credit.h5 model=tensors")
        found = datasets(path)
        self.assertEqual(set(found), set(self.wanted))
        for name in ("gamma/train", "gamma/centered_train", "gamma/flat_train", "gamma/batchvec_train",
                     "gamma/concat_train", "pitfalls/clamped_new", "pitfalls/fp16_gamma"):
            np.testing.assert_allclose(found[name], self.wanted[name], rtol=1e-12, atol=1e-12, err_msg=name)
        with h5py.File(path) as file:
            self.assertEqual(file.attrs["feedback_verified"], "")
            self.assertEqual(file.attrs["model"], "tensors")

    def test_what_is_not_in_the_file_is_not_known(self):
        def change(file, probe):
            file["hidden_norm"] = torch.stack([measures.norm(h) for h in probe.hidden], 1).numpy()
            for name in ("hidden", "loss", "correct", "feedback"):
                del file[name]

        self.write_tensors("bare.h5", change)
        found = datasets(self.audit_lines("bare", "name=a checkpoint=bare.h5 model=tensors frozen=0.5 headline=0.9"))
        self.assertTrue(np.isnan(found["pitfalls/fp16_hidden_overflow"]).all())
        self.assertTrue(np.isnan(found["samples/loss"]).all())
        np.testing.assert_allclose(found["norms/hidden"], self.wanted["norms/hidden"], rtol=1e-12)
        self.assertEqual(set(self.wanted) - set(found), {name for name in self.wanted if name.startswith("gamma/")
                                                         and "train" in name} | {"accuracy/correct"})
        self.assertIn("the claimed accuracy 0.9 can't be compared", self.done.stdout)
        with open(self.folder / "bare/tables/runs.csv", newline="") as file:
            self.assertIn("d: the accuracy is not known", file.read())

    def test_a_networks_key_is_refused(self):
        self.audit_lines("keys", "name=a checkpoint=a.h5 model=tensors activation=relu", expect=3)
        self.assertIn("the manifest's key 'activation' means nothing to model=tensors (it takes none)", self.done.stderr)

    def test_a_frozen_control_may_be_tensors_too(self):
        lines = ("name=a checkpoint=a.h5 model=tensors frozen=b", "name=b checkpoint=a.h5 model=tensors")
        self.audit_lines("control", *lines)
        self.assertIn("useful blocks", self.done.stdout)
        self.assertNotIn("a: d not run", self.done.stdout)

    def test_same_bytes_on_two_ranks(self):
        lines = ("name=a checkpoint=a.h5 model=tensors",)
        alone = self.audit_lines("alone", *lines)
        shared = self.audit_lines("shared", *lines, ranks=2)
        self.assertEqual(alone.read_bytes(), shared.read_bytes())

    def test_data_is_not_read(self):
        self.audit_lines("store", "name=a checkpoint=a.h5 model=tensors data=run-1.safetensors data_scale=3")
        before = (self.folder / "store/runs/a.h5").stat().st_mtime_ns
        self.audit_lines("store", "name=a checkpoint=a.h5 model=tensors")
        self.assertEqual((self.folder / "store/runs/a.h5").stat().st_mtime_ns, before)

    def test_the_plan_says_what_the_audit_would(self):
        manifest = self.write_manifest(f"default {KEYS} model=tensors\nname=a checkpoint=a.h5\n"
                                       "name=b checkpoint=a.h5 batches=10\nname=c checkpoint=data.h5\n"
                                       "name=d checkpoint=run-0.safetensors\n")
        done = self.programs.run("fa-harness", "--manifest", manifest, "--dry-run")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        for message in (f"1 run of tensors-{tiny_zoo.DEPTH}x{tiny_zoo.WIDTH}, {tiny_zoo.CLASSES} classes",
                        "72 samples are too few for batches=10 of batch_size=8", "the attribute schema is",
                        "run-0.safetensors: can't be opened as an HDF5 file"):
            self.assertIn(message, done.stdout + done.stderr)
        _, audited = self.audit("plan", manifest=manifest, expect=3)
        self.assertIn("72 samples are too few for batches=10 of batch_size=8", audited.stdout + audited.stderr)


if __name__ == "__main__":
    unittest.main()
