"""The examples of docs/store.md run, on an invented store, use every dataset, and compute what fa-report's tables say.

store_examples_test.py STORE.MD SYNTHETIC_STORE WRITE_EXAMPLE_RUN FA_REPORT
"""
import csv
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from run_file import seal  # noqa: E402

DOCUMENT, SYNTHETIC, EXAMPLE, REPORT = (pathlib.Path(path).resolve() for path in sys.argv[1:5])


class Examples(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.temporary.name)
        cls.store = folder / "audit"
        subprocess.run([SYNTHETIC, cls.store], check=True)
        manifest = (cls.store / "manifest.txt").read_text()
        for old, new in (("plain-1", "dfa-s42"), ("batches", "dfa-large")):
            (cls.store / f"runs/{old}.h5").rename(cls.store / f"runs/{new}.h5")
            with h5py.File(cls.store / f"runs/{new}.h5", "r+") as file:
                file.attrs.modify("name", np.bytes_(new.encode()))
            seal(cls.store / f"runs/{new}.h5")
            manifest = manifest.replace(f"name={old} ", f"name={new} ")
        (cls.store / "manifest.txt").write_text(manifest)
        done = subprocess.run([REPORT, cls.store, "--bootstrap", "0"], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        subprocess.run([EXAMPLE, cls.store / "runs/ep-s42.h5"], check=True)
        os.chdir(folder)
        cls.blocks = re.findall(r"^```python\n(.*?)^```", DOCUMENT.read_text(), re.M | re.S)
        cls.names = {}
        for block in cls.blocks:
            exec(compile(block, block.splitlines()[1], "exec"), cls.names)  # one after the other, as a reader pastes them

    @classmethod
    def tearDownClass(cls):
        os.chdir("/")
        cls.temporary.cleanup()

    def row(self, table, **wanted):
        with open(self.store / f"tables/{table}.csv", newline="", encoding="utf-8") as file:
            found = [row for row in csv.DictReader(file) if all(row[key] == value for key, value in wanted.items())]
        self.assertEqual(len(found), 1)
        return found[0]

    def test_every_dataset_is_in_an_example_and_in_the_table(self):
        text = "\n".join(self.blocks)
        text = "".join(text.replace("{version}", version).replace("{kind}", kind) for version, kind in (("old", "fp16"), ("new", "bf16")))
        table = DOCUMENT.read_text()
        with h5py.File("audit/runs/ep-s42.h5") as file:
            names = []
            file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
        self.assertGreater(len(names), 30)
        for name in names:
            if name != "metadata_crc32":
                self.assertIn(f'"{name}"', text)
        for name in re.findall(r'"((?:samples|accuracy|norms|gamma|direction|pitfalls|relaxation)/[a-z0-9_]+)"', text):
            self.assertIn(name, names, "an example of a dataset that there isn't")
        self.assertIn("| `relaxation/residual` |", table)

    def test_the_diagnostics_are_the_tables(self):
        row = self.row("runs", run="dfa-s42")
        for column, value in (("accuracy", "accuracy"), ("growth_max", "growth"), ("stability", "stability")):
            np.testing.assert_allclose(self.names[value], float(row[column]), rtol=1e-12)
        np.testing.assert_allclose(self.names["g"][-1], float(row["g_norm_last"]), rtol=1e-12)
        self.assertEqual(self.names["verdicts"]["dfa-s42"], row["verdict"])

    def test_gamma_is_the_tables(self):
        row = self.row("strategies", run="dfa-s42", strategy="pooled=mean,layers=mean")
        for column, value in (("gamma_train", self.names["gamma"]), ("fresh_mean", self.names["fresh"].mean()),
                              ("fresh_std", self.names["fresh"].std(ddof=1)), ("z", self.names["z"]), ("p", self.names["p"])):
            np.testing.assert_allclose(value, float(row[column]), rtol=1e-9, err_msg=column)
        for form in ("batchvec", "flat", "concat"):
            text = "concat,pooled=mean" if form == "concat" else f"{form},batches=mean,layers=mean"
            row = self.row("strategies", run="dfa-s42", strategy=text)
            train, fresh = self.names[form]
            np.testing.assert_allclose([train, fresh.mean()], [float(row["gamma_train"]), float(row["fresh_mean"])], rtol=1e-5)
        np.testing.assert_allclose(self.names["train"], [float(self.row("layers", run="dfa-s42", layer=str(l))["gamma_train"]) for l in range(3)])

    def test_reductions_per_batch_are_the_tables(self):
        row = self.row("strategies", run="dfa-large", strategy="pooled=mean,layers=mean")
        np.testing.assert_allclose(self.names["pooled"].mean(), float(row["fresh_mean"]), rtol=1e-5)
        row = self.row("strategies", run="dfa-large", strategy="angle,layers=mean")
        np.testing.assert_allclose(self.names["by_angle"].mean(), float(row["fresh_mean"]), rtol=1e-5)

    def test_histograms_count_every_value(self):
        for counts, values in zip(self.names["counts"], ("gamma/train", "gamma/fresh")):
            defined = self.names["f"][values][:].reshape(-1, 3)
            np.testing.assert_array_equal(counts.sum(axis=1), np.isfinite(defined).sum(axis=0))
        np.testing.assert_allclose(self.names["above"], (self.names["f"]["gamma/fresh"][:] >= 0).mean(axis=(0, 1)))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
