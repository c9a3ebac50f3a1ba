"""The tables over seeds, draws and strategies of an invented store, recomputed from its run files with numpy.

statistics_reference_test.py SYNTHETIC_STORE FA_REPORT
"""
import csv
import itertools
import math
import pathlib
import subprocess
import sys
import tempfile
import unittest

import numpy as np

from anova import Anova, chi_square
from reference_test import BOOTSTRAP_PURPOSE, NOTHING, Run, philox, resampled

REPLICATES = 60
PLAIN, OTHER = ["plain-1", "plain-2", "plain-3"], ["other-1", "other-2", "other-3"]
GROUP = "DFA resmlp-2x8"
T2 = 0.95 * math.sqrt(1 / (2 * 0.975 * 0.025))  # t(0.975) of two degrees of freedom, in closed form


def p_of(train, draws):
    return (1 + np.count_nonzero(np.abs(draws) >= abs(train))) / (1 + len(draws))


class Statistics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.store = pathlib.Path(cls.folder.name) / "store"
        subprocess.run([sys.argv[1], cls.store], check=True)
        cls.first = cls.report()
        cls.again = cls.report()  # from the caches
        cls.runs = {name: Run(cls.store / "runs" / f"{name}.h5") for name in PLAIN + OTHER + ["trainless", "silent", "layerless"]}
        cls.texts = [row["strategy"] for row in cls.first["groups"] if row["group"] == GROUP]
        cls.values = {name: [run.values(text) for text in cls.texts] for name, run in cls.runs.items() if name in PLAIN + OTHER}

    @classmethod
    def report(cls):
        done = subprocess.run([sys.argv[2], cls.store, "--bootstrap", str(REPLICATES)], capture_output=True, text=True)
        assert done.returncode == 0, (done.returncode, done.stdout, done.stderr)  # one run is missing
        tables = {}
        for name in ("groups", "comparisons", "choices", "variance", "specification", "specification_test"):
            with open(cls.store / "tables" / f"{name}.csv", newline="", encoding="utf-8") as file:
                tables[name] = list(csv.DictReader(file))
        return tables

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def rows(self, table, **wanted):
        return [row for row in self.first[table] if all(row[column] == value for column, value in wanted.items())]

    def row(self, table, **wanted):
        found = self.rows(table, **wanted)
        self.assertEqual(len(found), 1, (table, wanted))
        return found[0]

    def expect(self, row, wanted, tolerance=1e-9):
        for column, value in wanted.items():
            with self.subTest(f"{list(row.values())[:4]}: {column}"):
                if math.isnan(value):
                    self.assertEqual(row[column], "")
                else:
                    self.assertAlmostEqual(float(row[column] or "nan"), value, delta=tolerance * max(1, abs(value)))

    def train(self, name, place):
        return self.values[name][place][0]

    def fresh(self, name, place):
        return self.values[name][place][1]

    def group_draws(self, per_run):
        """Runs with feedback of their own: run s takes draw r + s·⌊R/n⌋."""
        draws = len(per_run[0])
        step = draws // len(per_run)
        return np.mean([np.roll(values, -s * step) for s, values in enumerate(per_run)], axis=0)

    def test_a_second_report_from_the_caches_says_the_same(self):
        self.assertEqual(self.first, self.again)
        self.assertTrue(list((self.store / "cache").glob("variance-*.json")))

    def test_groups(self):
        for place, text in enumerate(self.texts):
            train = np.array([self.train(name, place) for name in PLAIN])
            fresh = np.array([self.fresh(name, place).mean() for name in PLAIN])
            row = self.row("groups", group=GROUP, strategy=text)
            self.expect(row, {
                "train_t_low": train.mean() - T2 * train.std(ddof=1) / math.sqrt(3),
                "train_t_high": train.mean() + T2 * train.std(ddof=1) / math.sqrt(3),
                "fresh_t_high": fresh.mean() + T2 * fresh.std(ddof=1) / math.sqrt(3),
                "p": p_of(train.mean(), self.group_draws([self.fresh(name, place) for name in PLAIN]))})
            self.assertEqual(row["interpretable"], "yes")
        layers = [[self.runs[name].layer_values(layer) for name in PLAIN] for layer in range(3)]
        means = np.array([np.mean([train for train, _ in layer]) for layer in layers])
        draws = np.array([self.group_draws([fresh for _, fresh in layer]) for layer in layers])
        z = np.abs((means - draws.mean(1)) / draws.std(1, ddof=1)).max()
        own = np.abs((draws - draws.mean(1, keepdims=True)) / draws.std(1, ddof=1, keepdims=True)).max(0)
        self.expect(row, {"p_max_layer": (1 + np.count_nonzero(own >= z)) / (1 + len(own))})
        self.assertEqual(self.row("groups", group="exploded", strategy=self.texts[0])["interpretable"], "no (1 of 1)")

    def test_choices(self):
        places = {text: place for place, text in enumerate(self.texts)}
        pairs = {("samples", "mean", "median"): [("pooled=mean,layers=mean", "pooled=median,layers=mean"),
                                                 ("pooled=mean,layers=mean", "samples=median,batches=mean,layers=mean"),
                                                 ("pooled=mean,layers=median", "pooled=median,layers=median")],
                 ("layers", "mean", "median"): [("pooled=mean,layers=mean", "pooled=mean,layers=median"),
                                                ("pooled=median,layers=mean", "pooled=median,layers=median")],
                 ("depth", "all", "blocks"): [("pooled=mean,layers=mean", "pooled=mean,blocks=mean")],
                 ("form", "gamma", "flat"): [("pooled=mean,layers=mean", "flat,batches=mean,layers=mean")]}
        for (dimension, start, end), texts in pairs.items():
            of = [(places[one], places[two]) for one, two in texts]
            changes = np.array([[self.train(name, two) - self.train(name, one) for one, two in of] for name in PLAIN])
            train = changes.mean(1)
            at_draws = [np.mean([self.fresh(name, two) - self.fresh(name, one) for one, two in of], axis=0) for name in PLAIN]
            fresh = np.array([values.mean() for values in at_draws])
            means = [np.mean([at_draws[s][resampled(r, 1, 20)].mean() for s in resampled(r, 0, 3)]) for r in range(REPLICATES)]
            low, high = np.quantile(means, [0.025, 0.975])
            self.expect(self.row("choices", group=GROUP, dimension=dimension, **{"from": start, "to": end}), {
                "pairs": len(of), "n": 3, "train_effect": train.mean(), "train_std": train.std(ddof=1),
                "train_t_low": train.mean() - T2 * train.std(ddof=1) / math.sqrt(3), "min": changes.min(), "max": changes.max(),
                "fresh_effect": fresh.mean(), "fresh_std": fresh.std(ddof=1), "fresh_low": low, "fresh_high": high,
                "p": p_of(train.mean(), self.group_draws(at_draws))})

    @staticmethod
    def sign_flips(columns):
        """(p of each column, p of the largest |z|) of differences [columns, pairs]."""
        signs = np.array(list(itertools.product((1, -1), repeat=columns.shape[1])))
        sums = np.abs(columns @ signs.T)  # [columns, patterns]
        z = (sums / np.sqrt((columns ** 2).sum(1, keepdims=True))).max(0)
        return (sums >= sums[:, :1] * (1 - 1e-9)).mean(1), (z >= z[0] * (1 - 1e-9)).mean()

    def test_paired_comparisons(self):
        for gamma, number in (("train", lambda value: value[0]), ("fresh", lambda value: value[1].mean())):
            layers = np.array([[number(self.runs[a].layer_values(layer)) - number(self.runs[b].layer_values(layer))
                                for a, b in zip(PLAIN, OTHER)] for layer in range(3)])
            p_layers, p_max = self.sign_flips(layers)
            for place, text in enumerate(self.texts):
                d = np.array([number(self.values[a][place]) - number(self.values[b][place]) for a, b in zip(PLAIN, OTHER)])
                row = self.row("comparisons", group=GROUP, other="other", gamma=gamma, what=text)
                self.expect(row, {"difference": d.mean(), "std": d.std(ddof=1), "n": 3, "p": self.sign_flips(d[None])[0][0],
                                  "p_smallest": 0.25, "p_max_layer": p_max, "replicates": REPLICATES,
                                  "t_low": d.mean() - T2 * d.std(ddof=1) / math.sqrt(3)})
                if gamma == "fresh":
                    means = [np.mean([(self.fresh(PLAIN[s], place) - self.fresh(OTHER[s], place))[resampled(r, 1, 20)].mean()
                                      for s in resampled(r, 0, 3)]) for r in range(REPLICATES)]
                    low, high = np.quantile(means, [0.025, 0.975])
                    self.expect(row, {"low": low, "high": high})
                self.assertIn("p can't go below 0.25", row["warning"])
            for layer in range(3):
                self.expect(self.row("comparisons", group=GROUP, other="other", gamma=gamma, what=f"layer {layer}"),
                            {"difference": layers[layer].mean(), "p": p_layers[layer], "p_max_layer": p_max})

    def test_unpaired_comparisons(self):
        """exploded has seed 9, the plain ones 1, 2, 3."""
        exploded = Run(self.store / "runs" / "exploded.h5")
        text = "pooled=mean,layers=mean"
        values = [self.train(name, self.texts.index(text)) for name in PLAIN] + [exploded.values(text)[0]]
        differences = [abs(np.mean([values[i] for i in three]) - (sum(values) - sum(values[i] for i in three)))
                       for three in itertools.combinations(range(4), 3)]
        row = self.row("comparisons", group=GROUP, other="exploded", gamma="train", what=text)
        self.expect(row, {"difference": np.mean(values[:3]) - values[3], "p": np.mean(np.array(differences) >= differences[0] * (1 - 1e-9)),
                          "p_smallest": 0.25, "n": 3, "n_other": 1, "t_low": NOTHING, "low": NOTHING})
        self.assertEqual((row["paired"], row["interpretable"]), ("no", "no"))

    def anova(self, names, gamma, layer):
        def values(run):
            if gamma == "train":
                return run.data["gamma/train"][None].astype(float)
            return run.data["gamma/fresh"].astype(float)
        y = np.stack([values(self.runs[name]) for name in names])  # [seed, draw, samples, layers]
        y = y.mean(3) if layer == "layers=mean" else y[..., int(layer)]
        return Anova(y.reshape(*y.shape[:2], 8, 16))

    def test_variance_components(self):
        for gamma, layer in itertools.product(("train", "fresh"), ("0", "1", "2", "layers=mean")):
            self.check_variance(gamma, layer, self.anova(PLAIN, gamma, layer), GROUP)

    def check_variance(self, gamma, layer, anova, group):
        variances = anova.components(anova.squares)
        shares = anova.shares(variances)
        clipped = {term: max(value, 0.0) for term, value in variances.items()}
        of_mean = sum(value / anova.levels(term) for term, value in clipped.items())
        intervals = self.share_intervals(anova)
        rows = self.rows("variance", group=group, gamma=gamma, layer=layer)
        self.assertEqual(sorted(row["source"] for row in rows), sorted(map(anova.name, anova.terms)))
        for term in anova.terms:
            row = self.row("variance", group=group, gamma=gamma, layer=layer, source=anova.name(term))
            self.expect(row, {"estimate": variances[term], "variance": clipped[term], "share": shares[term],
                              "std": math.sqrt(clipped[term]), "freedom": anova.freedom[term],
                              "mean_share": clipped[term] / anova.levels(term) / of_mean}, 1e-9)
            self.expect(row, {"share_low": intervals[term][0], "share_high": intervals[term][1]}, 1e-7)
            self.assertEqual("taken as 0" in row["note"], variances[term] < 0)

    def share_intervals(self, anova):
        """Every mean square times its degrees of freedom over a keyed χ², then the shares again."""
        axes = [[axis in term for axis in (0, 1)] + [2 if 3 in term else 1 if 2 in term else 0] for term in anova.terms]
        draws = anova.sizes[1] > 1
        order = [(a[0] * (2 if draws else 1) + a[1]) * 3 + a[2] - 1 for a in axes]  # as the sources stand in the table
        replicates = []
        for r in range(REPLICATES):
            varied = {}
            for term, stream in zip(anova.terms, order):
                word = philox(0, BOOTSTRAP_PURPOSE, r, 16 + stream, 0)[0]
                chi = chi_square((word + 0.5) / 2 ** 32, anova.freedom[term])
                varied[term] = anova.squares[term] * anova.freedom[term] / chi
            replicates.append(anova.shares(anova.components(varied)))
        return {term: np.quantile([one[term] for one in replicates], [0.025, 0.975]) for term in anova.terms}

    def test_variance_over_layers_and_strategies(self):
        layers = [self.anova(PLAIN, "train", str(layer)) for layer in range(3)]
        for term in layers[0].terms:
            average = np.mean([one.components(one.squares)[term] for one in layers])
            row = self.row("variance", group=GROUP, gamma="train", layer="all", source=layers[0].name(term))
            self.expect(row, {"estimate": average})
        means = [np.mean([self.train(name, place) for name in PLAIN]) for place in range(len(self.texts))]
        self.expect(self.row("variance", group=GROUP, gamma="train", source="strategies"), {"min": min(means), "max": max(means)})

    def test_what_a_store_lacks_is_not_estimable(self):
        row = self.row("variance", group="exploded", gamma="fresh", layer="0", source="seed")
        self.assertEqual(row["share"], "")
        self.assertIn("not estimable", row["note"])
        self.assertEqual(self.rows("variance", group="exploded", gamma="fresh", layer="0", source="seed × draw"), [])
        kept, = self.rows("variance", group="kept", gamma="fresh", layer="", source="")
        self.assertIn("--keep batches", kept["note"])
        # Of a wholly undefined layer nothing is estimable, but of the others.
        self.assertIn("nothing is estimable", self.row("variance", group="special", gamma="train", layer="1")["note"])
        self.assertNotEqual(self.row("variance", group="special", gamma="train", layer="0", source="sample")["share"], "")

    def test_specification(self):
        for name in PLAIN:
            train = np.array([self.train(name, place) for place in range(len(self.texts))])
            every = np.array([np.append(train[place], self.fresh(name, place)) for place in range(len(self.texts))])
            low, middle, high = np.quantile(every, [0.025, 0.5, 0.975], axis=1)
            order = np.argsort(train)
            rows = self.rows("specification", run=name)
            self.assertEqual([row["strategy"] for row in rows], [self.texts[place] for place in order])
            for rank, (row, place) in enumerate(zip(rows, order)):
                self.expect(row, {"rank": rank + 1, "gamma_train": train[place], "low": low[place], "middle": middle[place],
                                  "high": high[place]})
                self.assertEqual(row["beyond"], "yes" if not low[place] <= train[place] <= high[place] else "no")
            outside = ((every < low[:, None]) | (every > high[:, None])).mean(0)
            medians = np.median(every, axis=0)
            signs = np.maximum((every > 0).mean(0), (every < 0).mean(0))
            share = lambda of_all: (np.abs(of_all) >= abs(of_all[0])).mean()
            self.expect(self.row("specification_test", run=name), {
                "strategies": len(self.texts), "draws": 20, "median": medians[0], "median_p": share(medians),
                "one_sign": signs[0], "one_sign_p": share(signs), "beyond": outside[0], "beyond_p": share(outside)})

    def test_a_run_without_training_feedback_has_a_curve_and_no_test(self):
        rows = self.rows("specification", run="trainless")
        middles = [float(row["middle"]) for row in rows]
        self.assertEqual(middles, sorted(middles))
        self.assertTrue(all(row["gamma_train"] == row["beyond"] == "" for row in rows))
        test = self.row("specification_test", run="trainless")
        self.assertEqual((test["median_p"], test["reason"]), ("", "no Γ_train to test"))
        self.assertEqual(self.rows("specification", run="silent"), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
