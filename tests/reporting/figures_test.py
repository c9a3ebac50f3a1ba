"""The figures of an invented store: their data recomputed by h5py and numpy, and what is drawn of them.

figures_test.py SYNTHETIC_STORE REPORTING_STORE FA_REPORT
"""
import csv
import io
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "aggregation")]
sys.dont_write_bytecode = True

import numpy as np  # noqa: E402

from anova import Anova  # noqa: E402
from reference_test import Run  # noqa: E402

if not shutil.which("gnuplot"):
    print("skipped: gnuplot isn't installed")
    sys.exit(77)
SYNTHETIC, REPORTING, FA_REPORT = sys.argv[1:4]
SVG = "{http://www.w3.org/2000/svg}"
PLAIN = ("plain-1", "plain-2", "plain-3")
DIAMOND, CIRCLE = "gpPt12", "gpPt5"  # gnuplot's names of a filled diamond and an open circle
SMALLEST = 7 * 96 / 72  # points in an SVG's pixels


def report(store, *options, **environment):
    return subprocess.run([FA_REPORT, store, *options], capture_output=True, text=True, timeout=120,
                          env=os.environ | environment)


def rows_of(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def marks(svg, shape):
    """Where points of a shape stand in a picture's plots, in pixels: the key's are left out by their plot's group."""
    found = []
    for use in ElementTree.parse(svg).getroot().iter(SVG + "use"):
        link = use.get("{http://www.w3.org/1999/xlink}href")
        if link == "#" + shape and use.get("transform"):
            x, y = re.match(r"translate\(([-\d.]+),([-\d.]+)\)", use.get("transform")).groups()
            found.append((float(x), float(y)))
    return found


class Figures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = pathlib.Path(temporary.name)
        cls.store, cls.drawn = cls.folder / "store", cls.folder / "figures"
        subprocess.run([SYNTHETIC, cls.store], check=True)
        before = cls.files(cls.store)
        done = report(cls.store, "--figures", cls.drawn, "--bootstrap", "40")
        assert done.returncode == 0, done.stderr
        assert cls.files(cls.store) == before, "the store was written to"
        cls.said = done.stdout
        cls.runs = {path.stem: Run(path) for path in (cls.store / "runs").glob("*.h5")}

    @staticmethod
    def files(folder):
        return sorted((str(path), path.stat().st_mtime_ns) for path in folder.rglob("*"))

    def near(self, text, value, where, tolerance=1e-9):
        with self.subTest(where):
            if math.isnan(value):
                self.assertEqual(text, "")
            else:
                self.assertAlmostEqual(float(text or "nan"), value, delta=tolerance * max(1e-6, abs(value)))

    def test_every_figure_has_its_data_its_script_and_a_caption(self):
        names = {path.stem for path in self.drawn.glob("*.svg")}
        silent = {"gamma-silent", "specification-silent"}  # credit=none
        wanted = {f"{kind}-{run}" for kind in ("gamma", "specification", "norms", "directions") for run in self.runs} - silent
        self.assertLessEqual(wanted, names)
        groups = names - wanted
        self.assertTrue(groups and all(name.startswith("variance-") for name in groups), groups)
        captions = (self.drawn / "captions.md").read_text()
        for name in names:
            self.assertTrue((self.drawn / f"{name}.csv").exists() and (self.drawn / f"{name}.gp").exists(), name)
            self.assertIn(f"## {name}.svg\n", captions)
        self.assertIn(f"Figures: {len(names)} in", self.said)

    def test_gamma_by_layer(self):
        for name, run in self.runs.items():
            if name == "silent":
                continue
            rows = rows_of(self.drawn / f"gamma-{name}.csv")
            self.assertEqual([row["layer"] for row in rows], ["0", "1", "2"])
            for layer, row in enumerate(rows):
                train, fresh = run.layer_values(layer)
                known = fresh[~np.isnan(fresh)]
                levels = dict(fresh_min=0, fresh_q025=0.025, fresh_q250=0.25, fresh_q500=0.5, fresh_q750=0.75, fresh_q975=0.975,
                              fresh_max=1)
                self.near(row["gamma_train"], train, f"{name} {layer} train")
                for column, level in levels.items():
                    self.near(row[column], np.quantile(known, level) if len(known) else math.nan, f"{name} {layer} {column}", 1e-7)

    def test_specification_curve(self):
        choices = {"pooled=mean,layers=mean": ("gamma", "mean", "mean", "mean", "all", "samples → batches → layers"),
                   "layers=median,pooled=mean": ("gamma", "mean", "mean", "median", "all", "layers → samples → batches"),
                   "pooled=iqm,layers=mean": ("gamma", "iqm", "pooled", "mean", "all", "samples → batches → layers"),
                   "pooled=mean,blocks=mean": ("gamma", "mean", "mean", "mean", "blocks", "samples → batches → layers"),
                   "flat,batches=mean,layers=mean": ("flat", "mean", "mean", "mean", "all", "samples → batches → layers")}
        for name in PLAIN:
            rows = rows_of(self.drawn / f"specification-{name}.csv")
            self.assertEqual(len(rows), 14)
            trained = [float(row["gamma_train"]) for row in rows]
            self.assertEqual(trained, sorted(trained))
            for row in rows:
                train, fresh = self.runs[name].values(row["strategy"])
                low, middle, high = np.quantile(np.append(fresh, train), [0.025, 0.5, 0.975])
                for column, value in {"gamma_train": train, "low": low, "middle": middle, "high": high}.items():
                    self.near(row[column], value, f"{name} {row['strategy']} {column}", 1e-7)
                self.assertEqual(row["beyond"], "no" if low <= train <= high else "yes")
                if row["strategy"] in choices:
                    self.assertEqual(tuple(row[key] for key in ("form", "samples", "batches", "layers", "depth", "order")),
                                     choices.pop(row["strategy"]) if name == PLAIN[-1] else choices[row["strategy"]])
        self.assertEqual(choices, {})

    def test_norms_and_their_limits(self):
        for name, run in self.runs.items():
            hidden, gradient = (np.median(run.data[f"norms/{which}"], axis=0) for which in ("hidden", "gradient"))
            for layer, row in enumerate(rows_of(self.drawn / f"norms-{name}.csv")):
                self.near(row["h_norm"], hidden[layer], f"{name} {layer} h")
                self.near(row["g_norm"], gradient[layer], f"{name} {layer} g")
                self.near(row["h_ceiling"], 50 * hidden[layer - 1] if layer else math.nan, f"{name} {layer} ceiling")
                self.near(row["g_floor"], 1e-7 if layer == 2 else math.nan, f"{name} {layer} floor")

    def test_directions(self):
        for name, run in self.runs.items():
            wanted = run.data["direction/cosine"]
            rows = rows_of(self.drawn / f"directions-{name}.csv")
            self.assertEqual(len(rows), wanted.size)
            for row in rows:
                place = int(row["layer"]), int(row["batch"]), int(row["other"])
                self.near(row["cosine"], wanted[place], f"{name} {place}")

    def test_variance_shares(self):
        path, = self.drawn.glob("variance-DFA-*.csv")
        rows = rows_of(path)
        for gamma in ("train", "fresh"):
            layers = [self.anova(gamma, layer) for layer in range(3)]
            first, estimates = layers[0], {}
            for term in first.terms:
                estimates[term] = np.mean([one.components(one.squares)[term] for one in layers])
            shares = first.shares(estimates)
            clipped = {term: max(value, 0) for term, value in estimates.items()}
            of_mean = sum(clipped[term] / first.levels(term) for term in clipped)
            own = {row["source"]: row for row in rows if row["gamma"] == gamma}
            self.assertEqual(set(own), {first.name(term) for term in first.terms})
            for term in first.terms:
                row = own[first.name(term)]
                self.near(row["share"], shares[term], f"{gamma} {row['source']}", 1e-6)
                self.near(row["mean_share"], clipped[term] / first.levels(term) / of_mean, f"{gamma} {row['source']} of the mean", 1e-6)
                self.assertLessEqual(float(row["share_low"]), float(row["share_high"]))

    def anova(self, gamma, layer):
        """y[seed, draw, batch, sample] of the three plain runs."""
        tables = []
        for name in PLAIN:
            data = self.runs[name].data[f"gamma/{gamma}"].astype(float)[..., layer]
            tables.append(data.reshape(-1, 8, data.shape[-1] // 8))
        return Anova(np.array(tables))

    def test_marks_stand_where_the_numbers_say(self):
        """Pixels are a linear function of Γ, the same for all marks of a picture."""
        rows = rows_of(self.drawn / "gamma-plain-1.csv")
        values = np.array([[float(row["layer"]), float(row["gamma_train"])] for row in rows])
        places = marks(self.drawn / "gamma-plain-1.svg", DIAMOND)  # a white one and a coloured one each, in the key one alone
        by_layer = sorted({place for place in places if places.count(place) == 2})
        self.assertEqual(len(by_layer), 3)
        for axis in (0, 1):
            slope, offset = np.polyfit(values[:, axis], [place[axis] for place in by_layer], 1)
            np.testing.assert_allclose(slope * values[:, axis] + offset, [place[axis] for place in by_layer], atol=0.03)
            self.assertGreater(slope * (1, -1)[axis], 0)  # to the right, upwards

    def test_points_beyond_and_within_have_marks_of_their_own(self):
        for name in PLAIN:
            rows = rows_of(self.drawn / f"specification-{name}.csv")
            beyond = sum(row["beyond"] == "yes" for row in rows)
            picture = self.drawn / f"specification-{name}.svg"
            self.assertEqual((len(marks(picture, DIAMOND)) - 1, len(marks(picture, CIRCLE)) - 1), (beyond, 14 - beyond))

    def test_an_exploded_run_says_so_in_its_pictures(self):
        words = lambda picture: "".join(ElementTree.parse(self.drawn / picture).getroot().itertext())
        for kind in ("gamma", "specification"):
            self.assertIn("Γ not interpretable (a, b)", words(f"{kind}-exploded.svg"))
            self.assertNotIn("not interpretable", words(f"{kind}-plain-1.svg"))
        # (a) fires at both blocks, (b) at the last layer; one diamond of each panel's key
        self.assertEqual(len(marks(self.drawn / "norms-exploded.svg", DIAMOND)), 2 + 1 + 2)
        self.assertEqual(len(marks(self.drawn / "norms-plain-1.svg", DIAMOND)), 2)

    def test_no_text_is_smaller_than_seven_points(self):
        for picture in self.drawn.glob("*.svg"):
            for group in ElementTree.parse(picture).getroot().iter(SVG + "g"):
                if size := group.get("font-size"):
                    self.assertGreaterEqual(float(size), SMALLEST - 0.01, picture.name)

    def test_scripts_draw_the_same_picture_by_hand(self):
        for name in ("gamma-plain-1", "specification-holes", "norms-exploded", "directions-plain-2", "variance-other"):
            copy = self.folder / f"copy-{name}"
            copy.mkdir()
            for extension in ("csv", "gp"):
                shutil.copy(self.drawn / f"{name}.{extension}", copy)
            subprocess.run(["gnuplot", "--default-settings", f"{name}.gp"], cwd=copy, check=True, timeout=60)
            drawn, again = ((where / f"{name}.svg").read_text() for where in (self.drawn, copy))
            titles = re.compile(r"<title>.*?</title>", re.DOTALL)  # they tell of the data's file
            self.assertEqual(titles.sub("", again), titles.sub("", drawn), name)

    def test_pdf(self):
        done = report(self.store, "--figures", self.folder / "pdf", "--figure-format", "pdf", "--bootstrap", "40")
        self.assertEqual(done.returncode, 0, done.stderr)
        pictures = list((self.folder / "pdf").glob("*.pdf"))
        self.assertEqual(len(pictures), len(list(self.drawn.glob("*.svg"))))
        self.assertTrue(all(picture.read_bytes()[:5] == b"%PDF-" for picture in pictures))

    def test_names_reach_neither_a_shell_nor_gnuplot(self):
        store, drawn = self.folder / "hostile", self.folder / "hostile-figures"
        subprocess.run([REPORTING, "hostile", store], check=True)
        done = report(store, "--figures", drawn, "--bootstrap", "40")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(list(self.folder.rglob("pwned")) + list(pathlib.Path().glob("pwned")), [])
        names = sorted(path.name for path in drawn.glob("gamma-*.svg"))
        self.assertEqual(names, ["gamma-Bold-x-q-n-y.svg", "gamma-script-pwned-1-b-onmouseover-pwned-2-amp.svg", "gamma-twin-A-2.svg",
                                 "gamma-twin-a.svg"])

    def test_what_does_not_fit_is_left_out_by_a_stated_rule(self):
        store, drawn = self.folder / "deep", self.folder / "deep-figures"
        subprocess.run([REPORTING, "deep", store], check=True)
        self.assertEqual(report(store, "--figures", drawn, "--bootstrap", "40").returncode, 0)
        rows = rows_of(drawn / "directions-run-0.csv")
        self.assertEqual(sorted({int(row["layer"]) for row in rows}), [0, 7, 15, 22, 30])  # 15 = ⌊30/2⌋ is judged
        self.assertEqual(max(int(row["batch"]) for row in rows), 31)
        captions = (drawn / "captions.md").read_text()
        self.assertIn("the first 32 batches are drawn", captions)
        self.assertIn("Drawn are 5 of 31 layers", captions)

    def test_without_gnuplot_it_says_what_to_install(self):
        (self.folder / "empty").mkdir()
        done = report(self.store, "--figures", self.folder / "none", "--bootstrap", "40", PATH=str(self.folder / "empty"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("gnuplot, which isn't in PATH", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1)

    def test_wrong_usage(self):
        for options, words in ((("--figures", "f", "--figure-format", "png"), "--figure-format png: svg or pdf"),
                               (("--figures", "f", "--format", "csv"), "--format csv and --figures")):
            done = report(self.store, *options)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
