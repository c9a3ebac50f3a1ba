"""Finished work is kept and not computed again (design 8)."""
import subprocess
import unittest

import tiny_zoo
from system_case import NAMES, SystemCase


def identities(store):
    """What changes whenever a file is written anew."""
    return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (store / "runs").glob("*.h5")}


class Resume(SystemCase):
    def test_finished_runs_are_skipped(self):
        store, _ = self.audit()
        before = identities(store)
        self.audit(ranks=2)
        self.assertEqual(identities(store), before)

    def test_a_missing_run_alone_is_measured(self):
        store, _ = self.audit()
        before, bytes_before = identities(store), (store / "runs/run-2.h5").read_bytes()
        (store / "runs/run-2.h5").unlink()
        self.audit()
        after = identities(store)
        self.assertEqual((store / "runs/run-2.h5").read_bytes(), bytes_before)
        self.assertEqual({name for name in NAMES if before[f"{name}.h5"] == after[f"{name}.h5"]}, {"run-0", "run-1", "run-3"})

    def test_a_relabelled_run_is_not_measured_again(self):
        store, _ = self.audit()
        before = identities(store)
        labels = "method=other group=g seed=9 headline=0.9 frozen=run-1 note='a word'"
        text = tiny_zoo.manifest([name for name in NAMES if name != "run-1"], labels) + "name=run-1 checkpoint=run-1.safetensors\n"
        self.audit(manifest=self.write_manifest(text, "relabelled.txt"))
        self.assertEqual(identities(store), before)

    def test_other_options_are_measured_again(self):
        store, _ = self.audit()
        before = identities(store)
        self.audit(manifest=self.write_manifest(tiny_zoo.manifest(NAMES, "draw_seed=4"), "other.txt"))
        after = identities(store)
        self.assertTrue(all(before[name] != after[name] for name in before))

    def test_a_changed_checkpoint_is_measured_again(self):
        store, _ = self.audit()
        before = identities(store)
        tiny_zoo.save(self.folder / "run-0.safetensors", tiny_zoo.state(77))
        self.audit()
        after = identities(store)
        self.assertEqual([name for name in sorted(before) if before[name] != after[name]], ["run-0.h5"])

    def test_a_damaged_run_file_is_measured_again(self):
        store, _ = self.audit()
        path = store / "runs/run-1.h5"
        whole = path.read_bytes()
        path.write_bytes(whole[:len(whole) // 2])
        self.audit()
        self.assertEqual(path.read_bytes(), whole)

    def test_a_renamed_output_folder_is_still_a_store(self):
        store, _ = self.audit()
        before = identities(store)
        store.rename(self.folder / "moved")
        self.audit("moved")
        self.assertEqual(identities(self.folder / "moved"), before)

    def test_two_jobs_in_one_folder_do_each_other_no_harm(self):
        alone, _ = self.audit("alone")
        command = self.programs.command("fa-harness", ["--manifest", self.manifest, "--output", self.folder / "both"], 0)
        jobs = [subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
                for _ in range(2)]
        for job in jobs:
            _, errors = job.communicate(timeout=60)
            self.assertEqual(job.returncode, 0, errors)
        self.assert_same_runs(self.folder / "both", alone)
        self.assert_only_finished_runs(self.folder / "both")


if __name__ == "__main__":
    unittest.main()
