"""fa-report: the same tables from the store alone, and the strategies an h5py script computes (issue 3)."""
import csv
import shutil
import unittest

import h5py
import numpy as np

from system_case import NAMES, SystemCase  # first: it finds the modules below
import tiny_zoo
from strategies import evaluate_datasets
from summaries import against_fresh


def datasets(path):
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.__setitem__(name, item[()]) if hasattr(item, "shape") else None)
        return found, int(file.attrs["batches"])


def rows(store, table, run=None):
    with open(store / f"tables/{table}.csv", newline="") as file:
        return [row for row in csv.DictReader(file) if run is None or row["run"] == run]


def number(text):
    return float(text) if text else float("nan")


class Report(SystemCase):
    def test_strategies_are_those_of_an_h5py_script(self):
        store, _ = self.audit()
        shutil.rmtree(store / "cache", ignore_errors=True)
        self.report(store)
        for run in NAMES:
            data, batches = datasets(store / f"runs/{run}.h5")
            train, fresh = evaluate_datasets(data, batches)
            table = rows(store, "strategies", run)
            self.assertEqual([row["strategy"] for row in table], list(fresh))
            for row in table:
                text = row["strategy"]
                wanted = {"gamma_train": np.nan if train is None else train[text]}
                wanted |= against_fresh(None if train is None else train[text], fresh[text])
                for column, value in wanted.items():
                    np.testing.assert_allclose(number(row[column]), value, rtol=1e-9, atol=1e-11,
                                               err_msg=f"{run} {text} {column}")

    def test_tables_are_the_harnesss_with_and_without_its_cache(self):
        store, _ = self.audit(ranks=2)
        before = {path.name: path.read_bytes() for path in (store / "tables").iterdir()}
        for without_cache in (False, True):
            shutil.rmtree(store / "tables")
            if without_cache:
                shutil.rmtree(store / "cache", ignore_errors=True)
            self.report(store)
            self.assertEqual({path.name: path.read_bytes() for path in (store / "tables").iterdir()}, before)

    def test_other_thresholds_change_the_verdict_and_no_measurement(self):
        store, _ = self.audit()
        before = (store / "runs/run-0.h5").read_bytes()
        self.report(store, "--g-norm-floor", "1e9")
        self.assertTrue(all("b:" in row["fired"] for row in rows(store, "runs")))
        self.report(store, "--g-norm-floor", "0", "--stability-drift-ceiling", "1.5")
        self.assertTrue(all("b" not in row["fired"] and "c" not in row["fired"] for row in rows(store, "runs")))
        self.assertEqual((store / "runs/run-0.h5").read_bytes(), before)

    def test_a_strategy_of_ones_own_joins_the_usual_ones(self):
        store, _ = self.audit()
        own = "samples=iqm,batches=mean,blocks=median"
        self.report(store, "--strategy", own)
        row = [row for row in rows(store, "strategies", "run-0") if row["strategy"] == own][0]
        gamma = datasets(store / "runs/run-0.h5")[0]["gamma/train"].reshape(9, 8, -1)
        ordered = np.sort(gamma, 1)[:, 2:-2]
        self.assertAlmostEqual(number(row["gamma_train"]), np.median(ordered.mean(1).mean(0)[1:]), places=12)
        self.assertEqual(len(rows(store, "strategies", "run-0")), 15)
        self.report(store, "--strategy", own, "--only-strategies")
        self.assertEqual(len(rows(store, "strategies", "run-0")), 1)
        self.report(store, "--strategy", "pooled=mean", expect=2)

    def test_what_a_group_was_before_it_grew_leaves_no_cache(self):
        grown, _ = self.audit("store", manifest=self.write_manifest(tiny_zoo.manifest(NAMES[:3]), "some.txt"))
        self.audit()
        whole, _ = self.audit("whole")
        self.assertEqual(sorted(path.name for path in (grown / "cache").iterdir()),
                         sorted(path.name for path in (whole / "cache").iterdir()))
        self.assertEqual(len(list((whole / "cache").glob("variance-*"))), 1)

    def test_the_audit_file_presents_all_runs_from_anywhere(self):
        store, _ = self.audit()
        store.rename(self.folder / "moved")
        with h5py.File(self.folder / "moved/audit.h5") as file:
            for run in NAMES:
                self.assertEqual(file[f"runs/{run}/gamma/fresh"].shape, (21, 72, tiny_zoo.DEPTH + 1))

    def test_a_run_without_training_matrices_says_why_gamma_train_is_absent(self):
        store, _ = self.audit()
        with h5py.File(store / "runs/run-3.h5") as file:
            self.assertNotIn("train", file["gamma"])
            self.assertTrue(file["gamma"].attrs["train_reason"])
        self.assertTrue(all(row["gamma_train"] == "" and row["fresh_mean"] for row in rows(store, "layers", "run-3")))


if __name__ == "__main__":
    unittest.main()
