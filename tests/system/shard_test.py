"""Shards: parts of the runs, measured by jobs that share the folder; fa-report says what is missing (issue 6)."""
import json
import subprocess
import unittest

import tiny_zoo
from system_case import NAMES, SystemCase


class Shards(SystemCase):
    def shard(self, part, store="store", ranks=0, expect=0, manifest=None):
        return self.audit(store, "--shard", part, ranks=ranks, expect=expect, manifest=manifest)[1]

    def test_shards_make_what_one_job_makes(self):
        whole, _ = self.audit("whole")
        for part, ranks in (("1/3", 2), ("2/3", 0), ("3/3", 3)):
            self.shard(part, ranks=ranks)
        self.assert_same_runs(self.folder / "store", whole)
        self.assert_only_finished_runs(self.folder / "store")
        self.assertEqual((self.folder / "store/manifest.txt").read_bytes(), self.manifest.read_bytes())
        self.report(self.folder / "store", "--require-complete")
        tables = {path.name: path.read_bytes() for path in (self.folder / "store/tables").iterdir()}
        self.assertEqual(tables, {path.name: path.read_bytes() for path in (whole / "tables").iterdir()})

    def test_a_shard_has_every_nth_run_and_writes_no_tables(self):
        done = self.shard("2/3")
        self.assert_only_finished_runs(self.folder / "store", ["run-1"])
        self.assertEqual(list((self.folder / "store/tables").iterdir()), [])
        self.assertFalse((self.folder / "store/audit.h5").exists())
        self.assertIn("Shard 2/3: 1 of its 1 runs are measured, 0 failed", done.stdout)
        self.assertIn("fa-report", done.stdout)

    def test_shards_at_once_do_each_other_no_harm(self):
        whole, _ = self.audit("whole")
        command = self.programs.command("fa-harness", ["--manifest", self.manifest, "--output", self.folder / "store"], 0)
        jobs = [subprocess.Popen([*command, "--shard", f"{number}/4"], cwd=self.folder, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True) for number in (1, 2, 3, 4, 2)]
        for job in jobs:
            _, errors = job.communicate(timeout=60)
            self.assertEqual(job.returncode, 0, errors)
        self.assert_same_runs(self.folder / "store", whole)
        self.assert_only_finished_runs(self.folder / "store")
        lines = (self.folder / "store/provenance.jsonl").read_text().splitlines()
        events = [json.loads(line) for line in lines]
        self.assertEqual(sorted(event["shard"] for event in events if event["event"] == "job"),
                         ["1/4", "2/4", "2/4", "3/4", "4/4"])
        self.report(self.folder / "store", "--require-complete")

    def test_a_shard_beyond_the_runs_has_nothing_to_do(self):
        for ranks in (0, 2):
            self.assertIn("0 of its 0 runs", self.shard("9/10", ranks=ranks).stdout)

    def test_what_fails_in_one_shard_stays_there(self):
        (self.folder / "run-1.safetensors").write_bytes(b"no checkpoint")
        self.assertIn("0 of its 1 runs are measured, 1 failed", self.shard("2/4", expect=3).stdout)
        self.shard("1/4")
        done = self.report(self.folder / "store", expect=3)
        self.assertIn("1 of 4 runs failed: run-1\n2 of 4 runs are missing: run-2, run-3\n", done.stdout)

    def test_the_plan_speaks_of_the_shards_runs(self):
        _, done = self.audit("nothing", "--dry-run", "--shard", "2/2")
        self.assertIn("shard 2/2: 2 of 4 runs", done.stdout)
        self.assertIn("run-3", done.stdout)
        self.assertNotIn("run-2", done.stdout)
        self.assertFalse((self.folder / "nothing").exists())

    def test_a_baseline_in_another_shard_is_the_reports_matter(self):
        text = tiny_zoo.manifest(["run-1", "run-2", "run-3"], "frozen=run-0") + "name=run-0 checkpoint=run-0.safetensors\n"
        manifest = self.write_manifest(text, "controlled.txt")
        for part in ("1/2", "2/2"):
            self.shard(part, manifest=manifest)
        whole, _ = self.audit("whole", manifest=manifest)
        self.report(self.folder / "store", "--require-complete")
        self.assertEqual((self.folder / "store/tables/runs.csv").read_bytes(), (whole / "tables/runs.csv").read_bytes())

    def test_a_shard_that_is_none_is_wrong_usage(self):
        for part in ("0/4", "5/4", "4", "a/b"):
            for ranks in (0, 2):
                self.assertIn("1 ≤ i ≤ n", self.shard(part, ranks=ranks, expect=2).stderr)
        _, done = self.audit("store", "--shard", "1/2", "--fail-on", "b", expect=2)
        self.assertIn("fa-report", done.stderr)
        self.assertFalse((self.folder / "store").exists())


class Completeness(SystemCase):
    def test_missing_runs_are_an_error_only_where_asked(self):
        store, _ = self.audit("store", "--shard", "1/4")
        done = self.report(store)
        self.assertIn("3 of 4 runs are missing: run-1, run-2, run-3\n", done.stdout)
        self.assertIn("3 of 4 runs are missing", self.report(store, "--require-complete", expect=3).stdout)
        self.audit()
        self.assertNotIn("missing", self.report(store, "--require-complete").stdout)

    def test_a_long_list_is_cut_short(self):
        names = [f"copy-{number:02}" for number in range(30)]
        text = tiny_zoo.manifest(["run-0"]) + "".join(f"name={name} checkpoint=run-0.safetensors\n" for name in names)
        store, _ = self.audit("store", "--shard", "1/31", manifest=self.write_manifest(text, "long.txt"))
        done = self.report(store, "--require-complete", expect=3)
        self.assertIn("30 of 31 runs are missing: copy-00, copy-01,", done.stdout)
        self.assertIn("copy-09 and 20 more\n", done.stdout)
        self.assertNotIn("copy-10", done.stdout)
        self.assertIn("copy-29", (store / "tables/robustness.md").read_text())


if __name__ == "__main__":
    unittest.main()
