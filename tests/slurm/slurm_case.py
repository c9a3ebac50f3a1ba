"""What the tests on a real Slurm start from: one cluster for a file of tests, a zoo, its undisturbed audit."""
import pathlib
import sys
import tempfile
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "system")]
sys.dont_write_bytecode = True

from system_case import SystemCase  # noqa: E402
import tiny_zoo  # noqa: E402

from cluster import Cluster, missing_programs  # noqa: E402

SCRIPTS = TESTS.parent / "slurm"
RUNS = [f"run-{number}" for number in range(8)]



class SlurmCase(SystemCase):
    """Each test has a folder of its own; `undisturbed` is the audit that every other one must equal."""

    @classmethod
    def setUpClass(cls):
        if missing := missing_programs():
            cls.skip_all(f"not installed: {', '.join(missing)}")
        # Short: munge's socket has a path of at most 107 characters.
        temporary = tempfile.TemporaryDirectory(prefix="fs", dir="/tmp", ignore_cleanup_errors=True)
        cls.addClassCleanup(temporary.cleanup)
        cls.cluster = Cluster(pathlib.Path(temporary.name) / "slurm")
        cls.addClassCleanup(cls.cluster.stop)
        if "pmix" not in cls.cluster.run("srun", "--mpi=list"):
            cls.skip_all("this Slurm was built without its pmix plugin")
        cls.undisturbed = pathlib.Path(temporary.name) / "undisturbed"

    @staticmethod
    def skip_all(reason):
        print(f"skipped: {reason}", flush=True)  # ctest looks for it
        raise unittest.SkipTest(reason)

    def write_zoo(self):
        """Runs long enough that a blow falls between the first and the last file."""
        tiny_zoo.write_zoo(self.folder, len(RUNS), width=96, depth=4)
        self.manifest = self.write_manifest(tiny_zoo.manifest(RUNS, "draws=6000 batches=16"))

    def submit(self, script, *arguments, options=()):
        return self.cluster.submit(self.folder, SCRIPTS / script, *arguments, options=options,
                                   FA_HARNESS=str(self.programs.path("fa-harness")),
                                   FA_TRAIN=str(self.programs.path("fa-train")))

    def log(self):
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("job-*.log")))

    def finished(self, store="audit"):
        return sorted(path.stem for path in (self.folder / store / "runs").glob("*.h5"))

    def wait_for_first_run(self):
        self.cluster.wait_for(self.finished, 60, "no run was finished")
        self.assertLess(len(self.finished()), len(RUNS), "the blow comes too late for this test to mean anything")

    def assert_completed(self, jobs, restarts):
        """Every job ended well, after so many requeues."""
        self.assertEqual([(job["JobState"], job["ExitCode"], job["Restarts"]) for job in jobs],
                         [("COMPLETED", "0:0", str(count)) for count in restarts], self.log())

    def assert_undisturbed(self, store="audit"):
        if not self.undisturbed.exists():
            self.programs.audit(self.manifest, self.undisturbed)
        self.assert_same_runs(self.folder / store, self.undisturbed, RUNS)
        self.assert_only_finished_runs(self.folder / store, RUNS)
