"""A disk that fills up at some moment of the audit, at 1, 2 and 4 ranks: said, nothing wrong left, and with more room the
same command completes. Needs a tmpfs, so the right to mount."""
import contextlib
import subprocess
import unittest

from crash_case import CrashCase, LONG, files_of, is_temporary


class FullDisk(CrashCase):
    manifest_keys = "draws=400"  # a run that fails leaves the tables room enough
    jobs = ((0, ()), (1, ()), (2, ("--ranks-per-run", 2)), (4, ("--ranks-per-run", 4)), (4, ()))  # ranks, options
    sizes_of_a_run = 2  # tried in the standard run
    codes = {1, 3}

    @contextlib.contextmanager
    def disk(self):
        """A tmpfs, and a function that gives it a size in KiB."""
        place = (self.folder / "disk").resolve()
        place.mkdir(exist_ok=True)
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", place], capture_output=True, text=True)
        if made.returncode != 0:
            self.skipTest(f"no tmpfs can be mounted here: {made.stderr.strip()}")
        try:
            yield place, lambda size: subprocess.run(["mount", "-o", f"remount,size={size}k", place], check=True)
        finally:
            subprocess.run(["umount", "-l", place], check=True)

    def test_a_disk_that_fills_up(self):
        whole = self.undisturbed()
        needed = sum((path.stat().st_size + 4095) // 4096 * 4 for path in whole.rglob("*") if path.is_file())
        one_run = (whole / "runs/run-0.h5").stat().st_size // 1024
        sizes = range(4, needed + 8, 12 if LONG else one_run // self.sizes_of_a_run)
        seen = set()
        for ranks, options in self.jobs:
            for size in sizes:
                with self.subTest(ranks=ranks, options=options, kibibytes=size), self.disk() as (disk, resize):
                    resize(size)
                    store = disk / "store"
                    done = self.programs.run("fa-harness", "--manifest", self.manifest, "--output", store, *self.options,
                                             *options, ranks=ranks)
                    seen.add(done.returncode)
                    self.assert_said(store, done)
                    self.assert_nothing_wrong(store, whole)
                    self.assertEqual([name for name in files_of(store) if is_temporary(name)], [])
                    resize(4 * needed)
                    self.assert_resumes(store, whole, ranks, options)
        print(f"{needed} KiB are needed, sizes {list(sizes)}, exit codes {sorted(seen)}")
        self.assertLessEqual(self.codes, seen, "the sizes miss a stage of the audit")

    def assert_said(self, store, done):
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        if done.returncode == 3:
            self.assertRegex(done.stderr, "run 'run-[0-9]' failed: .*/(runs|segments)/")
        if done.returncode == 1:
            self.assertRegex(done.stderr, f"fa-harness: {store}.*(No space left on device|can't be made)")


class FullDiskInSegments(FullDisk):
    """Segments stay, for the next job to go on with: a disk that they fill has no room for tables either."""
    options = ("--segment-work", 0)
    jobs = ((0, ()), (2, ("--ranks-per-run", 2)), (4, ("--ranks-per-run", 4)))
    sizes_of_a_run = 1
    codes = {1}


if __name__ == "__main__":
    unittest.main()
