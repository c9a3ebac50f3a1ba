"""Signals and sudden death: what is finished stays, the same command goes on (design 4, 8)."""
import contextlib
import os
import pathlib
import shutil
import signal
import tempfile
import time
import unittest
import zlib

import tiny_zoo
from system_case import SystemCase

RUNS = [f"run-{number}" for number in range(8)]


def children_of(pid):
    return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()]


def checksums(store):
    return {path.name: zlib.crc32(path.read_bytes()) for path in (store / "runs").glob("*.h5")}


def wait_until(condition, seconds=40):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain")
        time.sleep(0.002)


class Interruption(SystemCase):
    uninterrupted = None  # an audit's checksums, made once

    def write_zoo(self):
        """Runs long enough that a signal falls between the first and the last file."""
        tiny_zoo.write_zoo(self.folder, len(RUNS), width=96, depth=4)
        self.manifest = self.write_manifest(tiny_zoo.manifest(RUNS, "draws=3000 batches=16"))

    def interrupted(self, ranks, strike, *arguments):
        """An audit that is struck while runs are left: on a busy machine the blow may come too late, then once more."""
        store = self.folder / "store"
        for _ in range(5):
            shutil.rmtree(store, ignore_errors=True)  # one that was finished would start the next attempt with all its files
            code, errors = self.struck(ranks, strike, store, *arguments)
            if len(list((store / "runs").glob("*.h5"))) < len(RUNS):
                break
        return code, store, errors

    def struck(self, ranks, strike, store, *arguments):
        """Starts an audit, waits for its first run file, lets `strike(process)` happen; (exit code, stderr)."""
        with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session:
            process = self.programs.start("fa-harness", "--manifest", self.manifest, "--output", store, *arguments,
                                          ranks=ranks, session=session)
            try:
                wait_until(lambda: process.poll() is not None or any((store / "runs").glob("*.h5")))
                with contextlib.suppress(IndexError, FileNotFoundError, ProcessLookupError):  # it has ended by itself
                    strike(process)
                _, errors = process.communicate(timeout=60)
            finally:
                process.kill()
        return process.returncode, errors

    def assert_goes_on(self, store, ranks):
        left = len(RUNS) - len(list((store / "runs").glob("*.h5")))
        self.assertGreater(left, 0, "the signal came too late for this test to mean anything")
        self.assert_ends_as_uninterrupted(store, ranks)

    def assert_ends_as_uninterrupted(self, store, ranks):
        self.audit(store.name, ranks=ranks)
        if not Interruption.uninterrupted:
            whole, _ = self.audit("whole", ranks=2)
            Interruption.uninterrupted = checksums(whole)
        self.assertEqual(checksums(store), Interruption.uninterrupted)
        self.assert_only_finished_runs(store, RUNS)

    def test_a_signal_alone_ends_with_75_after_the_run(self):
        code, store, errors = self.interrupted(0, lambda process: process.send_signal(signal.SIGUSR1))
        self.assertEqual(code, 75, errors)
        self.assert_only_finished_runs(store, [path.stem for path in (store / "runs").glob("*.h5")])
        self.assert_goes_on(store, 0)

    def test_a_stopped_job_that_started_over_is_told_how_to_go_on(self):
        for restart in (("--restart",), ("--restart", "--force")):
            code, store, errors = self.interrupted(0, lambda process: process.send_signal(signal.SIGTERM), *restart)
            self.assertEqual(code, 75, errors)
            self.assertIn(f"runs are left: the same command without {' '.join(restart)} goes on\n", errors)
            if len(restart) == 1:
                self.assertIn("is not empty", self.audit(store.name, *restart, expect=2)[1].stderr)
            self.assert_goes_on(store, 0)

    def test_a_signal_to_one_rank_stops_all(self):
        def strike(process):
            os.kill(children_of(process.pid)[-1], signal.SIGUSR1)

        code, store, errors = self.interrupted(2, strike)
        self.assertEqual(code, 75, errors)
        self.assert_goes_on(store, 2)

    def test_a_signal_to_mpirun_reaches_the_ranks(self):
        code, store, errors = self.interrupted(2, lambda process: process.send_signal(signal.SIGUSR1))
        self.assertEqual(code, 75, errors)
        self.assert_goes_on(store, 2)

    def killed(self, *arguments):
        """An audit by two ranks of which the first is killed once a run is finished."""
        code, store, _ = self.interrupted(
            2, lambda process: os.kill(children_of(process.pid)[0], signal.SIGKILL), *arguments)
        self.assertNotIn(code, (0, 75))
        return store

    def test_a_killed_rank_loses_nothing_that_is_finished(self):
        self.assert_goes_on(self.killed("--ranks-per-run", "2"), 2)

    def test_a_rank_with_runs_of_its_own_may_outlive_a_killed_one(self):
        """mpirun takes up to two seconds to end the job: the living rank may finish all runs meanwhile."""
        self.assert_ends_as_uninterrupted(self.killed("--ranks-per-run", "1"), 2)


if __name__ == "__main__":
    unittest.main()
