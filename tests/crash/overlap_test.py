"""Two audits in one folder at the same time: both end well, every byte is right, nothing is left over."""
import contextlib
import json
import os
import signal
import tempfile
import threading
import time
import unittest

from crash_case import CrashCase, LONG, RUNS, tiny_zoo
from interruption_test import wait_until

TIMES = 20 if LONG else 4


class Jobs(CrashCase):
    """Several at once."""

    def start(self, store, ranks=0, *options, manifest=None):
        session = tempfile.TemporaryDirectory(prefix="fa", dir="/tmp")
        self.addCleanup(session.cleanup)
        job = self.programs.start("fa-harness", "--manifest", manifest or self.manifest, "--output", store, *self.options,
                                  *options, ranks=ranks, session=session.name, start_new_session=True)
        self.addCleanup(job.communicate)
        self.addCleanup(job.kill)
        return job

    def outcomes(self, jobs):
        """(exit code, stderr) of each; all are read at once, so that none waits for its pipe."""
        answers = [None] * len(jobs)

        def read(place):
            _, errors = jobs[place].communicate(timeout=120)
            answers[place] = (jobs[place].returncode, errors)

        threads = [threading.Thread(target=read, args=(place,)) for place in range(len(jobs))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def long_manifest(self):
        """Runs that take long enough for something to happen meanwhile."""
        tiny_zoo.write_zoo(self.folder, len(RUNS), width=96, depth=4)
        return self.write_manifest(tiny_zoo.manifest(RUNS, "draws=2000 batches=16"), "long.txt")


class Overlap(Jobs):
    times = TIMES

    def test_both_end_well(self):
        whole = self.undisturbed()
        for first, second in ((0, 0), (0, 2), (2, 2)):
            for time_ in range(self.times):
                with self.subTest(ranks=(first, second), time=time_):
                    store = self.empty()
                    jobs = [self.start(store, first), self.start(store, second)]
                    for code, errors in self.outcomes(jobs):
                        self.assertEqual(code, 0, errors)
                        self.assertNotIn("failed", errors)
                    self.assert_complete(store, whole)

    def test_three_of_them(self):
        whole = self.undisturbed()
        for _ in range(self.times):
            store = self.empty()
            for code, errors in self.outcomes([self.start(store, 0) for _ in range(3)]):
                self.assertEqual(code, 0, errors)
            self.assert_complete(store, whole)

    def test_one_starts_while_the_other_dies(self):
        whole = self.undisturbed()
        for ranks in (0, 2):
            for time_ in range(self.times):
                with self.subTest(ranks=ranks, time=time_):
                    store = self.empty()
                    dying = self.start(store, ranks)
                    time.sleep((0.3 if ranks == 0 else 0.8) + 0.1 * (time_ % 8))
                    following = self.start(store, ranks)
                    os.kill(dying.pid, signal.SIGKILL)  # of mpirun: its ranks live on for about a second
                    code, errors = self.outcomes([following])[0]
                    self.assertEqual(code, 0, errors)
                    dying.communicate(timeout=30)
                    time.sleep(2 if ranks else 0)
                    self.assert_nothing_wrong(store, whole)
                    self.assert_resumes(store, whole)


    def test_one_starts_over_beside_the_other(self):
        self.manifest = self.long_manifest()
        whole = self.undisturbed()
        for ranks in (0, 2):
            with self.subTest(ranks=ranks):
                store = self.empty()
                first = self.start(store, ranks)
                wait_until(lambda: list(store.glob("runs/*.h5")))
                self.assertIsNone(first.poll(), "too late to mean anything")
                (first_code, errors), (code, more_errors) = self.outcomes([first, self.start(store, 0, "--restart", "--force")])
                self.assertEqual(code, 0, more_errors)
                self.assertIn(first_code, (0, 3), errors)  # 3: when it ended, runs that it had measured were missing
                self.assertNotIn("failed", errors + more_errors)
                self.assert_complete(store, whole)


class OverlapInSegments(Overlap):
    options = ("--segment-work", 0)
    times = TIMES // 4


class InHand(Jobs):
    """What one job does must not look like a dead job's leavings to another."""

    def test_a_run_that_living_jobs_have_in_hand_is_not_given_up(self):
        self.long_manifest()
        manifest = self.write_manifest(tiny_zoo.manifest(RUNS[:1], "draws=8000 batches=16"), "one.txt")
        store, jobs = self.empty(), []

        def in_hand():
            """The processes that the attempts name."""
            return {json.loads(path.read_text().splitlines()[0])["pid"] for path in store.glob("runs/*.attempt")
                    if path.read_text().endswith("\n")}

        for _ in range(3):
            jobs.append(self.start(store, manifest=manifest))
            wait_until(lambda: jobs[-1].pid in in_hand() or jobs[-1].poll() is not None)
            self.assertEqual([job.poll() for job in jobs], [None] * len(jobs), "too late to mean anything")
        for code, errors in self.outcomes(jobs):
            self.assertEqual(code, 0, errors)
            self.assertNotIn("failed", errors)

    def test_a_file_that_is_taken_for_a_leftover_is_written_once_more(self):
        whole = self.undisturbed()
        for ranks in (0, 2):
            taken = 0
            for _ in range(20):  # until the blow falls between the file's first byte and its final name
                store = self.empty()
                self.audit(store.name, manifest=self.write_manifest(tiny_zoo.manifest(RUNS, "draw_seed=8"), "former.txt"))
                job = self.start(store, ranks, "--ranks-per-run", max(ranks, 1))
                while not taken and job.poll() is None:  # as a report does: the run's former file is there
                    for path in store.glob("runs/.run-*.h5.*"):
                        with contextlib.suppress(FileNotFoundError):
                            path.unlink()
                            taken = 1
                (code, errors), = self.outcomes([job])
                self.assertEqual(code, 0, errors)
                self.assert_same_runs(store, whole, RUNS)
                if taken:
                    break
            self.assertTrue(taken, "no temporary file was caught")


if __name__ == "__main__":
    unittest.main()
