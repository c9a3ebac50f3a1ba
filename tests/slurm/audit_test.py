"""Audits under a real Slurm: steps, requeues and arrays end with the bytes of an undisturbed audit (issue 6)."""
import os
import pathlib
import signal
import subprocess
import unittest

from slurm_case import RUNS, SlurmCase  # first: it finds the modules below
from cluster import program


def ranks_of(job):
    """The processes of fa-harness that belong to a job, by the environment that Slurm gave them."""
    mark = f"\0SLURM_JOB_ID={job}\0".encode()
    found = []
    for process in pathlib.Path("/proc").iterdir():
        try:
            if process.name.isdigit() and os.readlink(process / "exe").endswith("/fa-harness") and \
                    mark in b"\0" + (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:  # it ended, or isn't ours to look at
            continue
    return found


class Steps(SlurmCase):
    def srun(self, *arguments, **variables):
        return subprocess.run([program("srun"), *arguments, str(self.programs.path("fa-harness")), "--manifest", "runs.txt",
                               "--output", "audit"], env=self.cluster.environment | variables, cwd=self.folder,
                              capture_output=True, text=True, timeout=60)

    def test_two_ranks_by_srun(self):
        done = self.srun("--mpi=pmix", "-n", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assert_undisturbed()
        self.assertIn('"ranks":2', (self.folder / "audit/provenance.jsonl").read_text())

    def test_ranks_that_know_nothing_of_each_other_are_refused(self):
        done = self.srun("--mpi=none", "-n", "2")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("srun --mpi=pmix", done.stderr)
        self.assertFalse((self.folder / "audit").exists())


class Requeues(SlurmCase):
    def test_a_warned_job_is_requeued_and_goes_on(self):
        job = self.submit("audit.sbatch", "runs.txt", "--output", "audit")
        self.wait_for_first_run()
        self.cluster.run("scancel", "--signal=USR1", "--batch", job)  # what the time limit's warning does
        self.assert_completed(self.cluster.wait_until_ended(job), [1])
        self.assertIn("stopped on a signal", self.log())
        self.assert_undisturbed()

    def test_a_step_killed_with_9_is_requeued_and_goes_on(self):
        job = self.submit("audit.sbatch", "runs.txt", "--output", "audit")
        self.wait_for_first_run()
        os.kill(ranks_of(job)[-1], signal.SIGKILL)
        self.assert_completed(self.cluster.wait_until_ended(job), [1])
        self.assert_undisturbed()

    def test_a_cancelled_job_stays_cancelled(self):
        job = self.submit("audit.sbatch", "runs.txt", "--output", "audit")
        self.wait_for_first_run()
        self.cluster.run("scancel", job)
        ended = self.cluster.wait_until_ended(job)
        self.assertEqual([(one["JobState"], one["Restarts"]) for one in ended], [("CANCELLED", "0")], self.log())
        self.assertLess(len(self.finished()), len(RUNS))

    def test_a_job_that_was_requeued_often_enough_ends(self):
        job = self.submit("audit.sbatch", "runs.txt", "--output", "audit", options=["--export=ALL,FA_REQUEUES=0"])
        self.wait_for_first_run()
        self.cluster.run("scancel", "--signal=USR1", "--batch", job)
        ended = self.cluster.wait_until_ended(job)
        self.assertEqual([(one["JobState"], one["ExitCode"], one["Restarts"]) for one in ended],
                         [("FAILED", "75:0", "0")], self.log())
        self.assertIn("FA_REQUEUES", self.log())

    def test_a_requeued_job_does_not_start_over_again(self):
        job = self.submit("audit.sbatch", "runs.txt", "--output", "audit", "--restart")
        self.wait_for_first_run()
        first = {path.name: path.stat().st_ino for path in (self.folder / "audit/runs").glob("*.h5")}
        self.cluster.run("scancel", "--signal=USR1", "--batch", job)
        self.assert_completed(self.cluster.wait_until_ended(job), [1])
        after = {path.name: path.stat().st_ino for path in (self.folder / "audit/runs").glob("*.h5")}
        self.assertEqual(first, {name: after[name] for name in first})
        self.assert_undisturbed()


class Arrays(SlurmCase):
    def test_shards_fill_one_folder_and_a_dependent_job_reports(self):
        array = self.submit("array.sbatch", "runs.txt", "--output", "audit", options=["--array=1-3"])
        report = self.cluster.run("sbatch", "--parsable", f"--chdir={self.folder}", f"--dependency=afterany:{array}",
                                  f"--wrap={self.programs.path('fa-report')} audit --require-complete")
        self.assert_completed(self.cluster.wait_until_ended(array), [0, 0, 0])
        self.assert_completed(self.cluster.wait_until_ended(report), [0])
        self.assert_undisturbed()
        self.assertTrue((self.folder / "audit/tables/robustness.md").exists())

    def test_a_warned_task_alone_is_requeued(self):
        # The array's own number is that of its last task: scontrol would take it for all of them.
        array = self.submit("array.sbatch", "runs.txt", "--output", "audit", options=["--array=5-6"])
        self.wait_for_first_run()
        self.cluster.run("scancel", "--signal=USR1", "--batch", f"{array}_6")
        ended = {job["ArrayTaskId"]: job for job in self.cluster.wait_until_ended(array)}
        self.assert_completed([ended["5"], ended["6"]], [0, 1])
        self.assert_undisturbed()
        self.report(self.folder / "audit", "--require-complete")

    def test_an_array_with_gaps_is_refused(self):
        array = self.submit("array.sbatch", "runs.txt", "--output", "audit", options=["--array=1,3"])
        ended = self.cluster.wait_until_ended(array)
        self.assertEqual([(job["JobState"], job["ExitCode"]) for job in ended], [("FAILED", "2:0")] * 2)
        self.assertIn("--array=1-2", self.log())


if __name__ == "__main__":
    unittest.main()
