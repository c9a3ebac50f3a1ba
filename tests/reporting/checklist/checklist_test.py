"""`fa-report DIR --checklist` of an invented store, its evidence recomputed: checklist_test.py SYNTHETIC_STORE FA_REPORT"""
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

RUNS = ["plain-1", "plain-2", "plain-3", "holes", "layerless", "batches", "trainless", "silent", "exploded", "frozen"]
BUGS = {1: "x = g.norm(-1)\n", 2: "c = F.cosine_similarity(a, g)\n", 3: "def gamma(a, g):\n    return cosine(a.half(), g)\n",
        4: "Bs = [torch.randn(3, 4)]\n"}


class Checklist(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.store = cls.folder / "store"
        subprocess.run([sys.argv[1], cls.store], check=True)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def checklist(self, *options, expect):
        done = subprocess.run([sys.argv[2], self.store, "--checklist", *options], capture_output=True, text=True)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def code(self, name, **files):
        folder = self.folder / name
        folder.mkdir()
        for file, text in files.items():
            (folder / f"{file}.py").write_text(text)
        return folder

    def item(self, text, number):
        found = re.search(rf"\n{number}\. (.*)\n((?:   .*\n)*)", text)
        return found.group(1).rsplit(": ", 1)[1], found.group(2)

    def test_each_bug_is_found_with_file_and_line_and_ends_with_5(self):
        for number, code in BUGS.items():
            folder = self.code(f"bug-{number}", module="import torch\n" + code)
            text = self.checklist("--source", folder, "--pitfalls", str(number), expect=5)
            state, lines = self.item(text, number)
            self.assertEqual(state, "finding")
            self.assertIn(f"{folder}/module.py:{3 if number == 3 else 2}: ", lines)

    def test_clean_code_ends_with_0_for_the_pitfalls_of_code(self):
        folder = self.code("clean", module="x = g.norm(dim=-1)\n")
        text = self.checklist("--source", folder, "--pitfalls", "1,2,3", expect=0)
        self.assertEqual([self.item(text, number)[0] for number in (1, 2, 3)], ["ok"] * 3)
        self.assertIn("No findings.", text)

    def test_without_code_what_would_matter_cannot_be_told(self):
        text = self.checklist("--pitfalls", "1,2,3", expect=0)
        self.assertEqual([self.item(text, number)[0] for number in (1, 2, 3)], ["can't be told"] * 3)

    def test_code_that_was_not_all_read_is_not_ok(self):
        folder = self.code("large", module="x = 1\n", huge="#" * (5 << 20))
        text = self.checklist("--source", folder, "--pitfalls", "1", expect=0)
        self.assertEqual(self.item(text, 1)[0], "can't be told")
        self.assertIn(f"{folder}/huge.py: 5 MB", text)

    def test_lost_feedback_is_a_finding(self):
        state, lines = self.item(self.checklist("--pitfalls", "4", expect=5), 4)
        self.assertEqual(state, "finding")
        self.assertIn("trainless: the training matrices are not known (the checkpoint has no feedback matrices)", lines)
        self.assertIn("The training matrices of 1 of 12 runs are lost", lines)

    def test_controls_and_runs_that_are_said_to_have_no_matrices_have_lost_none(self):
        for name, change in (("control", lambda text: text.replace("frozen=frozen ", "frozen=trainless ")),
                             ("none", lambda text: text.replace("name=trainless ", "name=trainless feedback=none "))):
            store = self.folder / name
            shutil.copytree(self.store, store)
            (store / "manifest.txt").write_text(change((store / "manifest.txt").read_text()))
            if name == "none":
                with h5py.File(store / "runs/trainless.h5", "r+") as file:
                    file.attrs.modify("feedback", np.bytes_(b"none"))
                seal(store / "runs/trainless.h5")
            done = subprocess.run([sys.argv[2], store, "--checklist", "--pitfalls", "4"], capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertEqual(self.item(done.stdout, 4)[0], "ok")

    def test_unverified_matrices_cannot_be_told(self):
        store = self.folder / "unverified"
        shutil.copytree(self.store, store)
        (store / "manifest.txt").write_text((store / "manifest.txt").read_text().replace("frozen=frozen ", "frozen=trainless "))
        with h5py.File(store / "runs/plain-1.h5", "r+") as file:
            file.attrs.modify("feedback_verified", np.bytes_(b"unverified"))
        seal(store / "runs/plain-1.h5")
        done = subprocess.run([sys.argv[2], store, "--checklist", "--pitfalls", "4"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        state, lines = self.item(done.stdout, 4)
        self.assertEqual(state, "can't be told")
        self.assertIn("(stored, unverified: no hash recorded)", lines)

    def test_the_evidence_is_the_stores(self):
        text = self.checklist(expect=5)
        with h5py.File(self.store / "runs/other-2.h5") as file:
            means = file["gamma/train"][:].mean(axis=0)
        share = abs(means[0]) / np.abs(means).sum()
        self.assertIn(f"other-2: layer 0 has {share:.1%}".replace("%", " %"), self.item(text, 6)[1])
        self.assertIn(f"(Γ_0 = {means[0]:.4f}); over the blocks alone Γ_train is {means[1:].mean():.4f}", self.item(text, 6)[1])
        self.assertRegex(self.item(text, 1)[1], r"layer \d: the median ‖g‖ is \S+, `\.norm\(-1\)` of a batch's gradients gives \S+")

    def test_uninterpretable_runs_are_marked_in_their_line(self):
        text = self.checklist("--g-norm-floor", "1", expect=5)
        for line in self.item(text, 6)[1].splitlines()[1:6]:
            self.assertRegex(line, r"\(Γ not interpretable: (a, )?b\)$")

    def test_it_writes_no_tables(self):
        self.checklist(expect=5)
        self.assertEqual(list(self.store.glob("tables/*")), [])
        self.assertFalse((self.store / "audit.h5").exists())

    def test_wrong_usage_is_said(self):
        for options in (["--checklist", "--source", "/nowhere"], ["--source", "."], ["--checklist", "--pitfalls", "7"],
                        ["--checklist", "--pitfalls", "1;2"], ["--checklist", "--pitfalls", ""]):
            done = subprocess.run([sys.argv[2], self.store, *options], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2, (options, done.stderr))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
