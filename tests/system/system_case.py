"""What every test of the programs starts from: a temporary folder with the tiny zoo, and the programs."""
import os
import pathlib
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "support"), str(TESTS / "reference")]
sys.dont_write_bytecode = True

import tiny_zoo  # noqa: E402
from programs import Programs  # noqa: E402

NAMES = [f"run-{number}" for number in range(4)]


class SystemCase(unittest.TestCase):
    """FA_BIN names the folder of the programs."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="fa-system-")
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.programs = Programs(os.environ["FA_BIN"], self.folder)
        self.write_zoo()

    def write_zoo(self):
        tiny_zoo.write_zoo(self.folder)
        self.manifest = self.write_manifest(tiny_zoo.manifest(NAMES))

    def write_manifest(self, text, name="runs.txt"):
        path = self.folder / name
        path.write_text(text)
        return path

    def audit(self, output="store", *arguments, manifest=None, ranks=0, expect=0):
        """Audits into a folder; returns (folder, the finished process)."""
        done = self.programs.audit(manifest or self.manifest, self.folder / output, *arguments, ranks=ranks, expect=expect)
        return self.folder / output, done

    def report(self, store, *arguments, expect=0):
        done = self.programs.run("fa-report", store, *arguments)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def assert_same_runs(self, store, wanted, names=NAMES):
        for name in names:
            self.assertEqual((store / f"runs/{name}.h5").read_bytes(), (wanted / f"runs/{name}.h5").read_bytes(),
                             f"{name}: other bytes than in {wanted.name}")

    def assert_only_finished_runs(self, store, names=NAMES):
        self.assertEqual(sorted(path.name for path in (store / "runs").iterdir()), sorted(f"{name}.h5" for name in names))
