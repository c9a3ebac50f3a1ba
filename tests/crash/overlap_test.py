"""Two audits in one folder at the same time: both end well, every byte is right, nothing is left over."""
import os
import signal
import tempfile
import threading
import time
import unittest

from crash_case import CrashCase, LONG

TIMES = 20 if LONG else 4


class Overlap(CrashCase):
    def start(self, store, ranks):
        session = tempfile.TemporaryDirectory(prefix="fa", dir="/tmp")
        self.addCleanup(session.cleanup)
        job = self.programs.start("fa-harness", "--manifest", self.manifest, "--output", store, *self.options, ranks=ranks,
                                  session=session.name, start_new_session=True)
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

    def test_both_end_well(self):
        whole = self.undisturbed()
        for first, second in ((0, 0), (0, 2), (2, 2)):
            for time_ in range(TIMES):
                with self.subTest(ranks=(first, second), time=time_):
                    store = self.empty()
                    jobs = [self.start(store, first), self.start(store, second)]
                    for code, errors in self.outcomes(jobs):
                        self.assertEqual(code, 0, errors)
                        self.assertNotIn("failed", errors)
                    self.assert_complete(store, whole)

    def test_three_of_them(self):
        whole = self.undisturbed()
        for _ in range(TIMES):
            store = self.empty()
            for code, errors in self.outcomes([self.start(store, 0) for _ in range(3)]):
                self.assertEqual(code, 0, errors)
            self.assert_complete(store, whole)

    def test_one_starts_while_the_other_dies(self):
        whole = self.undisturbed()
        for ranks in (0, 2):
            for time_ in range(TIMES):
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


if __name__ == "__main__":
    unittest.main()
