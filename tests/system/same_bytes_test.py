"""Run files are the same bytes however the work is divided (design 7)."""
import re
import unittest

import tiny_zoo
from system_case import NAMES, SystemCase


class SameBytes(SystemCase):
    def test_for_any_number_of_ranks_and_any_team(self):
        alone, _ = self.audit("alone")
        self.assert_only_finished_runs(alone)
        for ranks, per_run in ((1, None), (2, None), (3, None), (4, None), (2, 1), (2, 2), (4, 1), (4, 2), (3, 3)):
            with self.subTest(ranks=ranks, ranks_per_run=per_run):
                options = [] if per_run is None else ["--ranks-per-run", per_run]
                store, _ = self.audit(f"store-{ranks}-{per_run}", *options, ranks=ranks)
                self.assert_same_runs(store, alone)
                self.assert_only_finished_runs(store)

    def test_for_more_ranks_than_runs(self):
        one = self.write_manifest(tiny_zoo.manifest(["run-1"]), "one.txt")
        alone, _ = self.audit("alone", manifest=one)
        for ranks in (2, 3, 4):
            store, _ = self.audit(f"store-{ranks}", manifest=one, ranks=ranks)
            self.assert_same_runs(store, alone, ["run-1"])

    def test_when_a_run_is_added_or_the_order_changes(self):
        alone, _ = self.audit("alone")
        few = self.write_manifest(tiny_zoo.manifest(["run-2", "run-0"]), "few.txt")
        store, _ = self.audit("store", manifest=few, ranks=2)
        self.assert_same_runs(store, alone, ["run-0", "run-2"])
        self.audit("store", ranks=2)
        self.assert_same_runs(store, alone)

    def test_with_batches_kept_only(self):
        alone, _ = self.audit("alone", "--keep", "batches")
        store, _ = self.audit("store", "--keep", "batches", "--ranks-per-run", 2, ranks=2)
        self.assert_same_runs(store, alone)

    def test_whether_draws_are_kept_from_run_to_run_or_made_again(self):
        alone, _ = self.audit("alone")
        refused = self.programs.run("fa-harness", "--manifest", self.manifest, "--output", self.folder / "none",
                                    "--memory-budget", "1K")
        self.assertEqual(refused.returncode, 3, refused.stderr)
        kibibytes = max(float(size) * 1024 ** "KMG".index(unit) for size, unit in
                        re.findall(r"it takes ([0-9.]+) ([KMG])iB on a rank", refused.stderr))
        store, _ = self.audit("store", "--memory-budget", f"{kibibytes * 1.02:.2f}K")  # next to nothing is left for draws
        self.assert_same_runs(store, alone)

    def test_tables_do_not_depend_on_the_ranks_either(self):
        alone, _ = self.audit("alone")
        store, _ = self.audit("store", "--ranks-per-run", 3, ranks=3)
        for table in sorted((alone / "tables").iterdir()):
            self.assertEqual((store / "tables" / table.name).read_bytes(), table.read_bytes(), table.name)


if __name__ == "__main__":
    unittest.main()
