"""`fa-report diff` of invented stores, its tests recomputed with numpy: diff_test.py SYNTHETIC_STORE FA_REPORT"""
import math
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import h5py
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from run_file import seal  # noqa: E402


def t_p(t, freedom):
    """Two-sided p of Student's t: the density, integrated over x = tan(angle)."""
    angle = np.linspace(math.atan(abs(t)), math.pi / 2, 200_001)[:-1]
    x = np.tan(angle)
    log_scale = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - 0.5 * math.log(freedom * math.pi)
    values = np.append(np.exp(log_scale - (freedom + 1) / 2 * np.log1p(x * x / freedom)) * (1 + x * x), 0)
    return 2 * np.trapezoid(values, dx=angle[1] - angle[0])


class Diff(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        subprocess.run([sys.argv[1], self.folder / "a"], check=True)
        shutil.copytree(self.folder / "a", self.folder / "b")

    def diff(self, *options, expect=0):
        done = subprocess.run([sys.argv[2], "diff", self.folder / "a", self.folder / "b", *options], capture_output=True, text=True)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout if expect in (0, 6) else done.stderr

    def change(self, run, **datasets):
        """Other numbers in B's file; their checksums are those of the old ones, which only --verify minds."""
        with h5py.File(self.folder / "b/runs" / f"{run}.h5", "r+") as file:
            for name, function in datasets.items():
                dataset = file[name.replace("__", "/")]
                dataset[...] = function(dataset[...])
        seal(self.folder / "b/runs" / f"{run}.h5")

    def attribute(self, run, **values):
        with h5py.File(self.folder / "b/runs" / f"{run}.h5", "r+") as file:
            for name, value in values.items():
                file.attrs.modify(name, value)
        seal(self.folder / "b/runs" / f"{run}.h5")

    def manifest(self, old, new):
        path = self.folder / "b/manifest.txt"
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))

    def row(self, text, run, number):
        """A row of a run's table as {column: words}."""
        block = text.split(f"\n{run}", 1)[1].split("\n\n")[0]
        lines = block.splitlines()
        header = next(line for line in lines if line.startswith("number"))
        columns = [match.span() for match in re.finditer(r"\S+(?: \S+)*", header)]
        starts = [begin for begin, _ in columns]
        line = next(line for line in lines if re.match(re.escape(number) + r"  ", line))
        return {header[begin:end]: line[begin:(starts[i + 1] if i + 1 < len(starts) else None)].strip()
                for i, (begin, end) in enumerate(columns)}

    def read(self, store, run):
        with h5py.File(self.folder / store / "runs" / f"{run}.h5") as file:
            return {"train": file["gamma/train"][:], "fresh": file["gamma/fresh"][:].astype(float).mean(axis=1),
                    "gradient": file["norms/gradient"][:], "correct": file["accuracy/correct"][:]}

    def test_equal_files_are_said_to_be_equal(self):
        text = self.diff()
        self.assertIn("Bit-identical measurements: 13: plain-1,", text)
        self.assertIn("No run's numbers differ by more than noise (0 tests", text)

    def test_runs_that_are_gone_are_named(self):
        (self.folder / "b/runs/plain-1.h5").unlink()
        self.manifest("name=plain-2  checkpoint=b.st", "name=new  checkpoint=b.st")
        text = self.diff(expect=6)
        self.assertIn("plain-1: measured in A, not measured yet in B", text)
        self.assertIn("plain-2: measured in A, not in the manifest in B", text)
        self.assertIn("new: not in the manifest in A, not measured yet in B", text)

    def test_labels_are_no_difference_of_numbers(self):
        self.manifest("method=DFA seed=3", 'method=DFA seed=33 note="moved"')
        text = self.diff()
        self.assertIn("label seed: 3 → 33", text)
        self.assertIn("label note: nothing → moved", text)
        self.assertIn("Bit-identical measurements: 13", text)

    def test_inputs_are_compared_by_their_hashes(self):
        self.attribute("plain-1", data_sha256=np.bytes_(b"DATA"))
        text = self.diff()
        self.assertIn("input data sha256: data → DATA", text)

    def test_gamma_train_is_compared_with_common_draws(self):
        shift = 0.011
        self.change("plain-1", gamma__train=lambda gamma: gamma + shift,
                    gamma__fresh=lambda gamma: gamma * np.float32(1.1))
        row = self.row(self.diff(expect=6), "plain-1", "Γ_train, layer 1")
        a, b = self.read("a", "plain-1"), self.read("b", "plain-1")
        difference = b["train"][:, 1].mean() - a["train"][:, 1].mean()
        draws = b["fresh"][:, 1] - a["fresh"][:, 1]
        n = len(draws)
        p = t_p((difference - draws.mean()) / (draws.std(ddof=1) * math.sqrt(1 + 1 / n)), n - 1)
        self.assertEqual(row["test"], f"t, against {n} common draws")
        self.assertEqual(row["A"], f"{a['train'][:, 1].mean():.4f}")
        self.assertEqual(row["B"], f"{b['train'][:, 1].mean():.4f}")
        self.assertAlmostEqual(float(row["p"]), p, delta=0.006 * p)

    def test_gamma_fresh_is_paired_by_draw(self):
        noise = np.random.default_rng(1)
        self.change("plain-2", gamma__fresh=lambda gamma: gamma + noise.normal(0.01, 0.02, (len(gamma), 1, 1)).astype(gamma.dtype))
        text = self.diff("--only-strategies", "--strategy", "pooled=mean,layers=mean", expect=6)
        row = self.row(text, "plain-2", "Γ_fresh")
        draws = self.read("b", "plain-2")["fresh"].mean(axis=1) - self.read("a", "plain-2")["fresh"].mean(axis=1)
        p = t_p(draws.mean() / (draws.std(ddof=1) / math.sqrt(len(draws))), len(draws) - 1)
        self.assertEqual(row["test"], f"paired t, {len(draws)} common draws")
        self.assertAlmostEqual(float(row["p"]), p, delta=0.006 * p)

    def test_another_strategy_can_be_asked_for(self):
        self.change("plain-1", gamma__train=lambda gamma: gamma * 1.01)
        text = self.diff("--strategy", "pooled=median,layers=mean", expect=6)
        wanted = [np.median(self.read(store, "plain-1")["train"], axis=0).mean() for store in "ab"]
        row = self.row(text, "plain-1", "Γ_train")
        self.assertEqual([row["A"], row["B"]], [f"{value:.4f}" for value in wanted])

    def test_other_draws_are_not_paired(self):
        self.attribute("plain-1", draw_seed=np.uint64(5))
        self.manifest("name=plain-1", "name=plain-1 draw_seed=5")
        self.change("plain-1", gamma__train=lambda gamma: gamma + 0.03)
        text = self.diff()
        a, b = self.read("a", "plain-1"), self.read("b", "plain-1")
        row = self.row(text, "plain-1", "Γ_train, layer 2")
        z = (b["train"][:, 2].mean() - a["train"][:, 2].mean()) / math.hypot(a["fresh"][:, 2].std(ddof=1), b["fresh"][:, 2].std(ddof=1))
        self.assertEqual(row["test"], "z, against the fresh draws' std")
        self.assertAlmostEqual(float(row["p"]), math.erfc(abs(z) / math.sqrt(2)), delta=0.006)
        self.assertEqual(self.row(text, "plain-1", "Γ_fresh")["test"], "Welch's t over draws")
        self.assertIn("option draw_seed: 0 → 5", text)

    def test_accuracy_is_compared_sample_by_sample(self):
        def turn(correct):
            correct[:20] = 0  # were right
            correct[-5:] = 1  # were wrong
            return correct
        self.change("plain-1", accuracy__correct=turn)
        row = self.row(self.diff(expect=6), "plain-1", "accuracy")
        p = 2 * sum(math.comb(25, k) for k in range(6)) / 2**25
        self.assertAlmostEqual(float(row["p"]), p, delta=0.006 * p)
        self.assertEqual(row["test"], "McNemar, same test samples")

    def test_a_large_difference_is_more_than_noise_and_a_verdict_that_turns_is(self):
        self.change("plain-3", norms__gradient=lambda norm: norm * 1e-7)
        text = self.diff(expect=6)
        self.assertIn("More than noise: plain-3", text)
        self.assertRegex(text, r"verdict: .*→ needs walk-back: .*floor")
        self.assertEqual(self.row(text, "plain-3", "‖g_L‖")["more than noise"], "yes")
        self.assertEqual(self.row(text, "plain-3", "Γ_train")["Γ interpretable"], "yes → no (b)")
        self.assertEqual(self.row(text, "plain-3", "Γ_train")["more than noise"], "no")

    def test_holm_counts_every_test(self):
        self.change("plain-3", norms__gradient=lambda norm: norm * 1.00001)
        text = self.diff(expect=6)  # a constant factor has no spread at all
        row = self.row(text, "plain-3", "‖g_L‖")
        self.assertEqual((row["p"], row["p (Holm)"]), ("<0.0001", "<0.0001"))
        block = text.split("\nplain-3", 1)[1]
        tested = sum(1 for line in block.splitlines() if re.search(r" (no|yes) +\S", line))
        self.assertIn(f"({tested} tests together", text)

    def test_thresholds_of_the_tables_are_compared(self):
        for store, floor in (("a", "1e-7"), ("b", "1e-5")):
            subprocess.run([sys.argv[2], self.folder / store, "--g-norm-floor", floor, "--bootstrap", "0"], check=True, capture_output=True)
        self.assertIn("g_norm_floor 1e-07 → 1e-05", self.diff())

    def test_wrong_usage_is_said(self):
        for arguments in (["diff"], ["diff", self.folder / "a"], ["diff", self.folder / "a", self.folder / "nowhere"],
                          ["diff", self.folder / "a", self.folder / "b", "--nonsense"]):
            done = subprocess.run([sys.argv[2], *arguments], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("Exit codes", subprocess.run([sys.argv[2], "diff", "--help"], capture_output=True, text=True).stdout)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
