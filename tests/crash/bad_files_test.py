"""Files that can't be written, vanish, change or shrink during the audit, and memory that runs out: one run's failure at
most, with its sentence."""
import os
import resource
import subprocess
import tempfile
import time
import unittest

from crash_case import CrashCase, tiny_zoo

NAMES = [f"run-{number}" for number in range(4)]


class BadFiles(CrashCase):
    def write_zoo(self):
        """The first run is costly, so that it is the first; what happens to the others' files happens meanwhile."""
        tiny_zoo.write_zoo(self.folder, len(NAMES), width=96, depth=4)
        text = tiny_zoo.manifest(NAMES)
        self.manifest = self.write_manifest(text.replace("run-0.safetensors", "run-0.safetensors draws=20000 batches=16"))

    def changed_during(self, change, ranks):
        """An audit, all runs of which are planned before `change` happens; (exit code, store, stderr)."""
        store = self.empty(f"store-{ranks}")
        with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session:
            job = self.programs.start("fa-harness", "--manifest", self.manifest, "--output", store, "--ranks-per-run",
                                      max(ranks, 1), ranks=ranks, session=session)
            end = time.monotonic() + 60
            while not (store / "provenance.jsonl").exists():  # written behind the plan
                self.assertLess(time.monotonic(), end)
                time.sleep(0.005)
            change()
            self.assertEqual(list((store / "runs").glob("*.h5")), [], "too late to mean anything")
            _, errors = job.communicate(timeout=120)
        return job.returncode, store, errors

    def assert_run_1_fails(self, change, restore, *words):
        for ranks in (0, 2):
            code, store, errors = self.changed_during(change, ranks)
            self.assertEqual(code, 3, errors)
            for word in ("run 'run-1' failed", "run-1.safetensors", *words):
                self.assertIn(word, errors)
            self.assertEqual(sorted(path.name for path in (store / "runs").iterdir()),
                             ["run-0.h5", "run-1.failed", "run-2.h5", "run-3.h5"])
            restore()
            self.audit(store.name)
            self.assertEqual(len(self.finished_runs(store)), len(NAMES))

    def test_a_checkpoint_that_vanishes(self):
        path, aside = self.folder / "run-1.safetensors", self.folder / "aside"
        self.assert_run_1_fails(lambda: path.rename(aside), lambda: aside.rename(path), "No such file")

    def test_a_checkpoint_that_shrinks(self):
        path = self.folder / "run-1.safetensors"
        whole = path.read_bytes()
        self.assert_run_1_fails(lambda: os.truncate(path, len(whole) // 2), lambda: path.write_bytes(whole))

    def test_a_checkpoint_that_changes_is_measured_as_it_was_read(self):
        other = tiny_zoo.state(77, 96, 4) | tiny_zoo.feedback(51, 96, 4)
        code, store, errors = self.changed_during(lambda: tiny_zoo.save(self.folder / "run-1.safetensors", other), 0)
        self.assertEqual(code, 0, errors)
        fresh, _ = self.audit("fresh")  # the checkpoints as they are now
        self.assert_same_runs(store, fresh)

    def test_a_folder_that_cannot_be_written(self):
        whole, _ = self.audit("whole")
        done = self.without_rights("fa-report", whole)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(str(whole), done.stderr)
        done = self.without_rights("fa-harness", "--manifest", self.manifest, "--output", whole)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stderr, f"{whole}.*(Permission denied|Read-only file system)")
        self.assertEqual(len(self.finished_runs(whole)), len(NAMES))

    def without_rights(self, *words):
        """A program on a file system that is mounted read-only (as root, file modes forbid nothing)."""
        place = words[-1] if words[0] == "fa-report" else words[4]
        command = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
        words = self.programs.command(words[0], words[1:], 0)
        done = subprocess.run(["unshare", "-rm", "sh", "-c", command, place, *words], capture_output=True, text=True,
                              cwd=self.folder)
        if "unshare" in done.stderr or "mount:" in done.stderr:
            self.skipTest(f"nothing can be mounted here: {done.stderr.strip()}")
        return done

    def libraries(self):
        """Bytes of address space that fa-harness's libraries take, about: CUDA's are many."""
        program = self.programs.command("fa-harness", [], 0)[0]
        lines = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout.splitlines()
        return sum(os.path.getsize(line.split()[2]) for line in lines if "=> /" in line)

    def test_memory_that_runs_out_in_one_run(self):
        """The address space is limited below what the run needs, but no budget says so."""
        text = tiny_zoo.manifest(NAMES).replace("run-1.safetensors", "run-1.safetensors draws=600000 batches=18")
        manifest = self.write_manifest(text, "large.txt")
        limit = self.libraries() + (2 << 30)  # with MPI's buffers
        for ranks in (0, 2):
            with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session:
                store = self.empty(f"store-{ranks}")
                job = self.programs.start(
                    "fa-harness", "--manifest", manifest, "--output", store, "--memory-budget", "1T", "--ranks-per-run",
                    max(ranks, 1), ranks=ranks, session=session,
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
                _, errors = job.communicate(timeout=200)
            self.assertEqual(job.returncode, 3, errors)
            self.assertRegex(errors, "run 'run-1' failed: .*(memory|alloc)")
            self.assertEqual(sorted(self.finished_runs(store)), ["run-0.h5", "run-2.h5", "run-3.h5"])


if __name__ == "__main__":
    unittest.main()
