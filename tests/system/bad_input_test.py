"""Bad checkpoints and data sets: their run fails with its reason, the others finish (issue 3)."""
import struct
import unittest

import h5py
import numpy as np
import torch

import tiny_zoo
from system_case import SystemCase


class BadInput(SystemCase):
    def spoil(self, change):
        """run-1 with something else in its checkpoint."""
        tensors = tiny_zoo.state(1) | tiny_zoo.feedback(51)
        change(tensors)
        tiny_zoo.save(self.folder / "run-1.safetensors", tensors)

    def assert_fails_alone(self, *words, manifest=None, name="run-1"):
        """That run fails with a reason that has the words; the others finish; fa-report knows it tomorrow."""
        for ranks in (0, 3):
            store, done = self.audit(f"store-{ranks}", manifest=manifest, ranks=ranks, expect=3)
            self.assertEqual(len(list((store / "runs").glob("*.h5"))), 3, done.stderr)
            self.assertFalse((store / f"runs/{name}.h5").exists())
            for word in (name, *words):
                self.assertIn(word, done.stderr)
            report = self.report(store, expect=3)
            for word in (name, *words):
                self.assertIn(word, " ".join(report.stdout.replace("│", " ").split()))

    def test_truncated(self):
        path = self.folder / "run-1.safetensors"
        path.write_bytes(path.read_bytes()[:-100])
        self.assert_fails_alone()

    def test_a_length_that_lies(self):
        (self.folder / "run-1.safetensors").write_bytes(struct.pack("<Q", 2**61) + b"{}")
        self.assert_fails_alone()

    def test_no_checkpoint_at_all(self):
        (self.folder / "run-1.safetensors").write_bytes(b"")
        self.assert_fails_alone()

    def test_a_missing_tensor_is_named(self):
        self.spoil(lambda tensors: tensors.pop("blocks.1.fc1.weight"))
        self.assert_fails_alone("blocks.1.fc1.weight")

    def test_a_misshapen_tensor_is_named(self):
        self.spoil(lambda tensors: tensors.update({"blocks.0.fc2.weight": torch.zeros(7, 5)}))
        self.assert_fails_alone("blocks.0.fc2.weight")

    def test_misshapen_feedback_is_named(self):
        self.spoil(lambda tensors: tensors.update({"feedback.1": torch.zeros(3, 3)}))
        self.assert_fails_alone("feedback.1")

    def test_more_draws_than_memory_holds(self):
        text = tiny_zoo.manifest(["run-0", "run-2", "run-3"]) + "name=run-1 checkpoint=run-1.safetensors draws=4000000000\n"
        self.assert_fails_alone("each may fill", manifest=self.write_manifest(text, "draws.txt"))

    def test_inputs_of_another_length_name_both_files(self):
        with h5py.File(self.folder / "wide.h5", "w") as file:
            file["test/x"] = np.zeros((150, tiny_zoo.FEATURES + 1), np.float32)
            file["test/y"] = np.zeros(150, np.uint8)
        text = tiny_zoo.manifest(["run-0", "run-2", "run-3"]) + "name=run-1 checkpoint=run-1.safetensors data=wide.h5\n"
        self.assert_fails_alone("wide.h5", "run-1.safetensors", manifest=self.write_manifest(text, "wide.txt"))

    def test_a_broken_feedback_file_is_named(self):
        (self.folder / "Bs.safetensors").write_bytes(b"garbage, and no safetensors file at all")
        text = tiny_zoo.manifest(["run-0", "run-2", "run-3"]) + \
            "name=run-1 checkpoint=run-1.safetensors feedback=Bs.safetensors\n"
        self.assert_fails_alone("Bs.safetensors", manifest=self.write_manifest(text, "feedback.txt"))

    def test_classes_that_do_not_fit_the_head(self):
        tiny_zoo.write_data(self.folder / "more.h5", classes=9)
        text = tiny_zoo.manifest(["run-0", "run-2", "run-3"]) + "name=run-1 checkpoint=run-1.safetensors data=more.h5\n"
        self.assert_fails_alone("more.h5", manifest=self.write_manifest(text, "classes.txt"))

    def test_too_few_samples(self):
        tiny_zoo.write_data(self.folder / "few.h5", test_samples=30)
        text = tiny_zoo.manifest(["run-0", "run-2", "run-3"]) + "name=run-1 checkpoint=run-1.safetensors data=few.h5\n"
        self.assert_fails_alone("30", "72", manifest=self.write_manifest(text, "few.txt"))

    def test_data_that_is_no_hdf5(self):
        (self.folder / "text.h5").write_text("hello")
        text = tiny_zoo.manifest(["run-0", "run-2", "run-3"]) + "name=run-1 checkpoint=run-1.safetensors data=text.h5\n"
        self.assert_fails_alone("text.h5", manifest=self.write_manifest(text, "text.txt"))

    def test_a_failed_run_is_measured_once_it_is_mended(self):
        self.spoil(lambda tensors: tensors.pop("head.bias"))
        self.audit(expect=3)
        self.spoil(lambda tensors: None)
        store, done = self.audit()
        self.assert_only_finished_runs(store)
        self.assertNotIn("head.bias", self.report(store).stdout)

    def test_nan_weights_are_measured_and_undefined(self):
        self.spoil(lambda tensors: tensors["blocks.0.fc1.weight"][0].fill_(float("nan")))
        store, _ = self.audit(ranks=2)
        with h5py.File(store / "runs/run-1.h5") as file:
            self.assertTrue(np.isnan(file["gamma/train"][:]).all())
            self.assertTrue(np.isfinite(file["norms/hidden"][:, 0]).all())
            self.assertTrue(np.isnan(file["norms/hidden"][:, 1:]).all())
            self.assertEqual(file["accuracy/correct"][:].sum(), 0)
        row = next(line for line in (store / "tables/runs.csv").read_text().splitlines() if line.startswith("run-1,"))
        self.assertIn("needs walk-back", row)


if __name__ == "__main__":
    unittest.main()
