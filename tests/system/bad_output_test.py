"""Output folders that can't be used: said at once, by every number of ranks, without hanging (issue 3)."""
import unittest

import h5py

from system_case import SystemCase
from run_file import seal


class BadOutput(SystemCase):
    def test_a_folder_below_a_file_cannot_be_written(self):
        (self.folder / "file").write_text("in the way")
        for ranks in (0, 2):
            with self.subTest(ranks=ranks):
                _, done = self.audit("file/store", ranks=ranks, expect=1)
                self.assertIn("file/store", done.stderr)

    def test_a_store_of_another_schema_is_left_alone(self):
        store, _ = self.audit()
        with h5py.File(store / "runs/run-1.h5", "r+") as file:
            file.attrs["schema"] = "fa-harness run 99"
        seal(store / "runs/run-1.h5")
        before = (store / "runs/run-1.h5").read_bytes()
        for ranks in (0, 2):
            with self.subTest(ranks=ranks):
                _, done = self.audit(ranks=ranks, expect=1)
                self.assertIn("fa-harness run 99", done.stderr)
                self.assertIn("fa-harness run 1", done.stderr)
                self.assertEqual((store / "runs/run-1.h5").read_bytes(), before)

    def test_an_audit_file_of_another_schema_without_run_files_is_left_alone(self):
        store = self.folder / "store"
        store.mkdir()
        with h5py.File(store / "audit.h5", "w") as file:
            file.attrs["schema"] = "fa-harness audit 99"
        _, done = self.audit(expect=1)
        self.assertIn("fa-harness audit 99", done.stderr)

    def test_a_flipped_bit_in_the_audit_files_schema_costs_nothing(self):
        store, _ = self.audit()
        whole = (store / "audit.h5").read_bytes()
        damaged = bytearray(whole)
        damaged[whole.index(b"fa-harness audit 1")] ^= 1
        (store / "audit.h5").write_bytes(damaged)
        self.audit()
        self.assertEqual((store / "audit.h5").read_bytes(), whole)

    def test_a_report_of_no_store_is_refused(self):
        done = self.programs.run("fa-report", self.folder)
        self.assertEqual(done.returncode, 2)
        self.assertIn("manifest.txt", done.stderr)


if __name__ == "__main__":
    unittest.main()
