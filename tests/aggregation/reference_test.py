"""The tables of an invented store, recomputed from its run files with h5py and numpy.

reference_test.py SYNTHETIC_STORE FA_REPORT
"""
import csv
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy as np

NOTHING = float("nan")
BOOTSTRAP_PURPOSE = 6


def defined(values):
    return values[~np.isnan(values)]


def reduce_with(name, values, axis):
    """mean, median or iqm along an axis over the defined values; NaN of none."""
    def one(column):
        column = np.sort(defined(column))
        if name == "iqm":
            cut = len(column) // 4
            column = column[cut:len(column) - cut]
        return NOTHING if len(column) == 0 else np.median(column) if name == "median" else column.mean()
    return np.apply_along_axis(one, axis, values)


def strategy(text, gamma, batchvec, flat, concat):
    """gamma [batches, N, L+1], batchvec and flat [batches, L+1], concat [batches, N]."""
    words = text.split(",")
    array, axes = gamma, ["batches", "samples", "layers"]
    if words[0] in ("batchvec", "flat"):
        array, axes = (batchvec if words[0] == "batchvec" else flat), ["batches", "layers"]
    elif words[0] == "concat":
        array, axes = concat, ["batches", "samples"]
    elif words[0] == "angle":
        angles = np.arccos(np.clip(gamma.reshape(-1, gamma.shape[2]), -1, 1))
        array, axes = np.cos(reduce_with("mean", angles, 0)), ["layers"]
    for word in words:
        if "=" not in word:
            continue
        axis, reducer = word.split("=")
        if axis == "pooled":
            array = array.reshape(-1, *array.shape[2:])
            axes = ["samples"] + axes[2:]
            axis = "samples"
        if axis in ("layers", "blocks"):
            if axis == "blocks":
                array = array.take(range(1, array.shape[-1]), axis=-1)
            per_layer = array.reshape(-1, array.shape[-1])
            if np.isnan(per_layer).all(0).any():
                return NOTHING
            axis = "layers"
        array = reduce_with(reducer, array, axes.index(axis))
        axes.remove(axis)
    assert not axes
    return float(array)


def against_fresh(train, fresh):
    known = defined(np.asarray(fresh))
    row = dict.fromkeys(("fresh_mean", "fresh_std", "fresh_q025", "fresh_q500", "fresh_q975", "z", "p"), NOTHING)
    if len(known):
        row |= {"fresh_mean": known.mean(), "fresh_std": known.std(ddof=1)}
        row |= dict(zip(("fresh_q025", "fresh_q500", "fresh_q975"), np.quantile(known, [0.025, 0.5, 0.975])))
        if not math.isnan(train):
            row["z"] = (train - row["fresh_mean"]) / row["fresh_std"]
            row["p"] = (1 + (np.abs(known) >= abs(train)).sum()) / (1 + len(known))
    return row


def philox(seed, purpose, draw, layer, block):
    """Philox4x32-10 (Salmon et al. 2011), written from the paper."""
    c, k = [block, layer, draw, purpose], [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def resampled(replicate, factor, count):
    words = [word for block in range((count + 3) // 4) for word in philox(0, BOOTSTRAP_PURPOSE, replicate, factor, block)]
    return [word * count >> 32 for word in words[:count]]


class Run:
    def __init__(self, path):
        with h5py.File(path) as file:
            self.attributes = dict(file.attrs)
            self.data = {}
            file.visititems(lambda name, node: self.data.__setitem__(name, node[()]) if isinstance(node, h5py.Dataset) else None)
        self.batches = int(self.attributes["batches"])

    def vectors(self, which, draw=None):
        """The four arrays of `strategy`; None where there is no Γ, or the samples were left out."""
        names = ["gamma/train" if which == "train" else "gamma/fresh"] + [f"gamma/{form}_{which}" for form in ("batchvec", "flat", "concat")]
        if names[0] not in self.data:
            return None
        arrays = [(self.data[name] if draw is None else self.data[name][draw]).astype(float) for name in names]
        return [arrays[0].reshape(self.batches, -1, arrays[0].shape[-1]), arrays[1], arrays[2],
                arrays[3].reshape(self.batches, -1)]

    def values(self, text):
        """(Γ_train, values of the draws) of a strategy; NaN where they aren't there."""
        train, draws = self.vectors("train"), int(self.attributes["draws"])
        fresh = [self.vectors("fresh", draw) for draw in range(draws)]
        return (strategy(text, *train) if train else NOTHING,
                np.array([strategy(text, *one) if one else NOTHING for one in fresh]))

    def layer_values(self, layer):
        """(Γ_train, values of the draws): pooled means of a layer."""
        train = self.data.get("gamma/train")
        train = NOTHING if train is None or not len(defined(train[:, layer])) else defined(train[:, layer]).mean()
        draws = range(int(self.attributes["draws"]))
        if "gamma/fresh_mean" in self.data:
            counts = self.data["gamma/fresh_count"][:, :, layer].astype(float)
            means = self.data["gamma/fresh_mean"][:, :, layer].astype(float)
            return train, np.array([np.nansum(means[r] * counts[r]) / counts[r].sum() for r in draws])
        columns = [defined(self.data["gamma/fresh"][r, :, layer].astype(float)) for r in draws]
        return train, np.array([column.mean() if len(column) else NOTHING for column in columns])


class Tables(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.store = pathlib.Path(cls.folder.name) / "store"
        make, report = sys.argv[1:3]
        subprocess.run([make, cls.store], check=True)
        done = subprocess.run([report, cls.store, "--bootstrap", "40", "--strategy", "samples=iqm,batches=median,blocks=iqm"],
                              capture_output=True, text=True)
        assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)  # one run is missing
        cls.terminal = done.stdout
        cls.tables = {name: cls.read(name) for name in ("runs", "layers", "strategies", "spread", "groups")}
        cls.runs = {row["run"]: Run(cls.store / "runs" / (row["run"] + ".h5")) for row in cls.tables["runs"] if row["status"] == "measured"}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def read(cls, name):
        with open(cls.store / "tables" / f"{name}.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def expect(self, row, wanted, where, tolerance=1e-12):
        for column, value in wanted.items():
            with self.subTest(f"{where}: {column}"):
                if math.isnan(value):
                    self.assertEqual(row[column], "")
                else:
                    self.assertNotEqual(row[column], "")
                    floor = 0.0 if "norm" in column or "growth" in column else 1.0  # Γ and the like: absolute
                    self.assertAlmostEqual(float(row[column]), value, delta=tolerance * max(floor, abs(value)))

    def test_layers(self):
        self.assertEqual(len(self.tables["layers"]), 3 * len(self.runs))
        for row in self.tables["layers"]:
            run, layer = self.runs[row["run"]], int(row["layer"])
            train, fresh = run.layer_values(layer)
            cosines = run.data["direction/cosine"][layer]
            wanted = {"h_norm": np.median(run.data["norms/hidden"][:, layer]), "g_norm": np.median(run.data["norms/gradient"][:, layer]),
                      "stability": cosines[np.triu_indices(len(cosines), 1)].mean(), "gamma_train": train}
            if "gamma/train" in run.data:
                wanted["undefined"] = np.isnan(run.data["gamma/train"][:, layer]).sum()
            self.expect(row, wanted | against_fresh(train, fresh), f"layers {row['run']} {layer}", 1e-9)

    def test_strategies_and_spread(self):
        for name, run in self.runs.items():
            rows = [row for row in self.tables["strategies"] if row["run"] == name]
            self.assertEqual(len(rows), 15)
            trains, means = [], []
            for row in rows:
                train, fresh = run.values(row["strategy"])
                trains.append(train)
                means.append(defined(fresh).mean() if len(defined(fresh)) else NOTHING)
                if run.attributes["keep"] == "batches":
                    self.expect(row, {"gamma_train": train}, f"strategies {name} {row['strategy']}")
                else:
                    self.expect(row, {"gamma_train": train} | against_fresh(train, fresh), f"strategies {name} {row['strategy']}", 1e-10)
            self.check_spread(name, "train", trains)
            if "gamma/fresh" in run.data:
                self.check_spread(name, "fresh", means)

    def check_spread(self, name, source, values):
        row, = [row for row in self.tables["spread"] if row["run"] == name and row["source"] == source]
        values = defined(np.array(values))
        if not len(values):
            self.expect(row, dict.fromkeys(("min", "max", "ratio", "sign_flips"), NOTHING), f"spread {name}")
            return
        positive, negative = (values > 0).sum(), (values < 0).sum()
        one_sign = len(values) in (positive, negative)
        ratio = np.abs(values).max() / np.abs(values).min() if one_sign else NOTHING
        self.expect(row, {"min": values.min(), "max": values.max(), "ratio": ratio, "sign_flips": min(positive, negative)},
                    f"spread {name} {source}", 1e-9)

    def test_kept_batches_agree_with_their_own_means(self):
        run = self.runs["batches"]
        rows = {row["strategy"]: row for row in self.tables["strategies"] if row["run"] == "batches"}
        layers = np.stack([run.layer_values(layer)[1] for layer in range(3)])
        self.expect(rows["pooled=mean,layers=mean"], {"fresh_mean": layers.mean(0).mean()}, "batches", 1e-9)
        angles, counts = (run.data[f"gamma/fresh_{name}"].astype(float) for name in ("angle", "count"))
        pooled = np.cos((angles * counts).sum(1) / counts.sum(1))
        self.expect(rows["angle,layers=mean"], {"fresh_mean": pooled.mean()}, "batches", 1e-9)
        self.assertEqual(rows["pooled=median,layers=mean"]["fresh_mean"], "")

    def test_runs(self):
        frozen = self.runs["frozen"].data["accuracy/correct"].astype(float)
        rows = {row["run"]: row for row in self.tables["runs"]}
        self.assertEqual(list(rows)[-1], "absent")
        self.assertEqual((rows["absent"]["status"], rows["absent"]["accuracy"]), ("missing", ""))
        for name, run in self.runs.items():
            correct = run.data["accuracy/correct"].astype(float)
            medians = np.median(run.data["norms/hidden"], axis=0)
            control = {"frozen": NOTHING, "trainless": 0.7}.get(name, frozen.mean())
            self.expect(rows[name], {
                "accuracy": correct.mean(), "frozen_accuracy": control, "margin_pp": 100 * (correct.mean() - control),
                "growth_max": (medians[1:] / medians[:-1]).max(), "growth_end_to_end": medians[-1] / medians[0],
                "g_norm_last": np.median(run.data["norms/gradient"][:, -1]), "p_max_layer": self.p_over_layers(run)},
                f"runs {name}", 1e-9)
        self.assertEqual(rows["plain-1"]["verdict"], "trustworthy")
        self.assertEqual(rows["exploded"]["verdict"], "needs walk-back: scale, floor")
        self.assertEqual(rows["exploded"]["fired"], "a;b:scale")
        self.assertEqual(rows["frozen"]["not_run"], "d: is the frozen control")

    @staticmethod
    def p_over_layers(run):
        largest, maxima = NOTHING, None
        for layer in range(3):
            train, fresh = run.layer_values(layer)
            if math.isnan(train) or not len(defined(fresh)):
                continue
            mean, std = fresh.mean(), fresh.std(ddof=1)
            z, own = abs(train - mean) / std, np.abs(fresh - mean) / std
            largest, maxima = (z, own) if maxima is None else (max(z, largest), np.maximum(maxima, own))
        return NOTHING if maxima is None else (1 + (maxima >= largest).sum()) / (1 + len(maxima))

    def test_groups(self):
        members = {"DFA resmlp-2x8": ["plain-1", "plain-2", "plain-3"], "exploded": ["exploded"]}
        for group, names in members.items():
            rows = [row for row in self.tables["groups"] if row["group"] == group]
            self.assertEqual(len(rows), 15)
            for row in rows[:4]:
                values = [self.runs[name].values(row["strategy"]) for name in names]
                train, fresh = (np.array(column) for column in ([t for t, _ in values], [f.mean() for _, f in values]))
                std = (lambda x: x.std(ddof=1)) if len(names) > 1 else (lambda x: NOTHING)
                self.expect(row, {"n": len(names), "train_mean": train.mean(), "train_std": std(train),
                                  "fresh_mean": fresh.mean(), "fresh_std": std(fresh)}, f"groups {group} {row['strategy']}", 1e-10)

    def test_bootstrap_intervals(self):
        """Seeds (factor 0) crossed with draws (1) or batches (2), by the keyed random numbers, in plain loops."""
        names = ["plain-1", "plain-2", "plain-3"]
        text = "pooled=median,layers=mean"
        row, = [row for row in self.tables["groups"] if row["group"] == "DFA resmlp-2x8" and row["strategy"] == text]
        fresh = [self.runs[name].values(text)[1] for name in names]
        trains = [self.runs[name].vectors("train") for name in names]
        of_fresh, of_train = [], []
        for replicate in range(40):
            seeds = resampled(replicate, 0, 3)
            draws, batches = resampled(replicate, 1, 20), resampled(replicate, 2, 8)
            of_fresh.append(np.mean([fresh[seed][draws].mean() for seed in seeds]))
            of_train.append(np.mean([strategy(text, *(array[batches] for array in trains[seed])) for seed in seeds]))
        low, high = np.quantile(of_fresh, [0.025, 0.975])
        self.expect(row, {"fresh_low": low, "fresh_high": high}, "bootstrap of draws", 1e-10)
        low, high = np.quantile(of_train, [0.025, 0.975])
        self.expect(row, {"train_low": low, "train_high": high}, "bootstrap of batches", 1e-10)

    def test_audit_file_presents_runs_labels_and_tables(self):
        with h5py.File(self.store / "audit.h5") as file:
            self.assertEqual(file.attrs["schema"], "fa-harness audit 1")
            self.assertEqual(file.attrs["g_norm_floor"], 1e-7)
            self.assertEqual(set(file["runs"]), set(self.runs))
            self.assertIsInstance(file["runs"].get("plain-1", getlink=True), h5py.ExternalLink)
            np.testing.assert_array_equal(file["runs/plain-1/gamma/train"][:], self.runs["plain-1"].data["gamma/train"])
            self.assertEqual(list(file["labels/run"].asstr()), [row["run"] for row in self.tables["runs"]])
            self.assertEqual(file["labels/note"].asstr()[1], "with, a comma | and a bar")
            self.assertEqual(file["labels/seed"].asstr()[0], "1")
            self.assertIn("name=plain-1", file["manifest"].asstr()[0])
            for name, table in self.tables.items():
                for column in table[0]:
                    stored = file[f"tables/{name}/{column}"]
                    self.assertEqual(len(stored), len(table))
                    for value, row in zip(stored.asstr()[:] if stored.dtype.kind == "S" else stored[:], table):
                        if isinstance(value, str):
                            self.assertEqual(value, row[column])
                        else:
                            self.assertEqual("" if math.isnan(value) else value, "" if row[column] == "" else float(row[column]))

    def report(self, *arguments):
        elsewhere = pathlib.Path(self.folder.name) / "elsewhere"
        return subprocess.run([sys.argv[2], *map(str, arguments), "--output", elsewhere, "--bootstrap", "0"],
                              capture_output=True, text=True)

    def test_exit_codes(self):
        config = pathlib.Path(self.folder.name) / "options.ini"
        config.write_text("fail_on = c\nstability_drift_ceiling = 0.05\n")
        for code, arguments in {0: [self.store, "--verify"], 3: [self.store, "--require-complete"], 4: [self.store, "--fail-on", "b"],
                                2: [self.store, "--colour", "red"]}.items():
            self.assertEqual(self.report(*arguments).returncode, code, arguments)
        self.assertEqual(self.report(self.store, "--fail-on=c").returncode, 0)
        self.assertEqual(self.report(self.store, "--config", config).returncode, 4)
        for wrong in (["--thresholds"], ["--strategy", "pooled=mode,layers=mean"], ["--fail-on", "e"], ["--config", "nowhere"]):
            done = self.report(self.store, *wrong)
            self.assertEqual(done.returncode, 2)
            self.assertIn(wrong[-1].lstrip("-"), done.stderr)
        self.assertEqual(self.report(self.store / "tables").returncode, 2)
        self.assertEqual(self.report().returncode, 2)

    def test_terminal_says_verdicts_and_warnings(self):
        for words in ("needs walk-back: scale, floor", "no (a, b)", "not measured yet", "n = 3"):
            self.assertIn(words, self.terminal)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
