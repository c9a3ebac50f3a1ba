"""--restart, and what is measured again by itself: each says what it does (issue 6)."""
import os
import unittest

from safetensors.torch import save_file

import tiny_zoo
from resume_test import identities
from system_case import NAMES, SystemCase


class Restart(SystemCase):
    def test_an_empty_or_absent_folder_is_filled(self):
        (self.folder / "empty").mkdir()
        for store in ("empty", "absent"):
            self.audit(store, "--restart")
            self.assert_only_finished_runs(self.folder / store)

    def test_a_filled_folder_is_refused_without_force(self):
        store, _ = self.audit()
        before = identities(store)
        for ranks in (0, 2):
            _, done = self.audit("store", "--restart", ranks=ranks, expect=2)
            self.assertIn("--restart --force", done.stderr)
        self.assertEqual(identities(store), before)

    def test_force_measures_this_manifests_runs_again_and_no_others(self):
        store, _ = self.audit()
        def runs_caches():
            return {path.name for path in (store / "cache").iterdir() if not path.name.startswith("variance-")}

        before, caches = identities(store), runs_caches()
        (store / "runs/run-0.failed").write_text("{}")
        (store / "runs/.run-0.h5.gone-1-2-3").write_text("half")
        (store / "runs/notes.txt").write_text("mine")
        some = self.write_manifest(tiny_zoo.manifest(NAMES[:2], "draw_seed=4"), "some.txt")
        _, done = self.audit("store", "--restart", "--force", manifest=some)
        self.assertIn("2 of this manifest's 2 runs removed", done.stderr)
        after = identities(store)
        self.assertEqual({name for name in before if before[name] != after[name]}, {"run-0.h5", "run-1.h5"})
        self.assertEqual(sorted(path.name for path in (store / "runs").iterdir()),
                         sorted([*(f"{name}.h5" for name in NAMES), "notes.txt"]))
        self.assertEqual((store / "runs/notes.txt").read_text(), "mine")
        now = runs_caches()
        self.assertEqual((len(now), len(now & caches)), (4, 2), "the caches of the two old files are gone")
        self.assertNotIn("changed since", done.stderr)

    def test_force_removes_the_runs_of_its_shard_alone(self):
        store, _ = self.audit()
        before = identities(store)
        self.audit("store", "--restart", "--force", "--shard", "2/4")
        after = identities(store)
        self.assertEqual({name for name in before if before[name] != after[name]}, {"run-1.h5"})

    def test_a_folder_with_somebodys_runs_and_no_audit_is_refused(self):
        runs = self.folder / "theirs/runs"
        runs.mkdir(parents=True)
        (runs / "run-0.h5").write_text("a tensorboard of theirs")
        _, done = self.audit("theirs", "--restart", "--force", expect=2)
        self.assertIn("theirs/runs/run-0.h5", done.stderr)
        self.assertEqual((runs / "run-0.h5").read_text(), "a tensorboard of theirs")
        self.assertEqual([path.name for path in (self.folder / "theirs").iterdir()], ["runs"])

    def test_force_alone_is_wrong_usage(self):
        _, done = self.audit("store", "--force", expect=2)
        self.assertIn("--restart", done.stderr)

    def test_a_requeued_job_goes_on(self):
        store, _ = self.audit()
        before = identities(store)
        os.environ["SLURM_RESTART_COUNT"] = "1"
        self.addCleanup(os.environ.pop, "SLURM_RESTART_COUNT")
        for force in ([], ["--force"]):
            _, done = self.audit("store", "--restart", *force)
            self.assertIn("requeued", done.stderr)
        self.assertEqual(identities(store), before)


class Stale(SystemCase):
    def again(self, *arguments, manifest=None, ranks=0):
        """What the second audit says of runs that it measures again."""
        _, done = self.audit("store", *arguments, manifest=manifest, ranks=ranks)
        return [line for line in done.stderr.splitlines() if "measured again" in line]

    def test_an_unchanged_audit_says_nothing(self):
        self.audit()
        self.assertEqual(self.again(), [])

    def test_a_changed_checkpoint_is_named(self):
        self.audit()
        tiny_zoo.save(self.folder / "run-0.safetensors", tiny_zoo.state(77))
        self.assertEqual(self.again(ranks=2), ["fa-harness: run 'run-0': its checkpoint changed since it was measured; "
                                               "measured again"])

    def test_changed_data_are_named(self):
        self.audit()
        tiny_zoo.write_data(self.folder / "data.h5", test_samples=151)
        self.assertEqual(sorted(self.again()), [f"fa-harness: run '{name}': its data changed since it was measured; "
                                                "measured again" for name in NAMES])

    def test_a_changed_feedback_file_is_named(self):
        def write(seed):
            save_file(tiny_zoo.feedback(seed), self.folder / "B.safetensors")

        write(1)
        manifest = self.write_manifest(tiny_zoo.manifest(["run-3"], "feedback=B.safetensors"), "with-file.txt")
        self.audit(manifest=manifest)
        write(2)
        self.assertEqual(self.again(manifest=manifest), ["fa-harness: run 'run-3': its feedback file changed since it was "
                                                         "measured; measured again"])

    def test_changed_options_are_named_with_their_values(self):
        self.audit()
        manifest = self.write_manifest(tiny_zoo.manifest(NAMES[:1], "draw_seed=4"), "other.txt")
        self.assertEqual(self.again(manifest=manifest), ["fa-harness: run 'run-0': its options changed (draw_seed is 3, the "
                                                         "manifest says 4) since it was measured; measured again"])
        self.assertIn("--precision was float64, is float32", self.again("--precision", "float32", manifest=manifest)[0])

    def test_a_damaged_file_is_named(self):
        store, _ = self.audit()
        path = store / "runs/run-1.h5"
        whole = path.read_bytes()
        path.write_bytes(whole[:len(whole) // 2])
        said, = self.again()
        self.assertIn("run 'run-1': its file is damaged", said)
        self.assertEqual(path.read_bytes(), whole)

    def test_other_thresholds_and_strategies_recompute_nothing(self):
        store, _ = self.audit()
        before = identities(store)
        self.assertEqual(self.again("--g-norm-floor", "1e9", "--strategy", "pooled=iqm,layers=median"), [])
        self.assertEqual(identities(store), before)
        self.assertIn("pooled=iqm,layers=median", (store / "tables/strategies.csv").read_text())
        self.assertIn("b:", (store / "tables/runs.csv").read_text())


if __name__ == "__main__":
    unittest.main()
