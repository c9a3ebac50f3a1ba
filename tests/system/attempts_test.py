"""A run that ends the job (killed for its memory, say) is given up after two jobs, and no run beside it is blamed (design 8)."""
import contextlib
import json
import os
import signal
import tempfile
import unittest

import tiny_zoo
from interruption_test import checksums, children_of, wait_until
from system_case import SystemCase

INNOCENT = [f"run-{number}" for number in range(5)]
RUNS = [*INNOCENT, "guilty"]
REASON = ("run 'guilty' failed: the job ended 2 times with this run in hand, killed by a signal or for its memory, without a "
          "segment saved between; --retry tries it again")


class Attempts(SystemCase):
    def write_zoo(self):
        tiny_zoo.write_zoo(self.folder, len(INNOCENT))
        tiny_zoo.save(self.folder / "guilty.safetensors", tiny_zoo.state(9) | tiny_zoo.feedback(59))
        innocents = tiny_zoo.manifest(INNOCENT, "draws=1500 batches=16")  # in hand long enough to be there when the job dies
        self.manifest = self.write_manifest(f"{innocents}name=guilty checkpoint=guilty.safetensors draws=12000 batches=16\n")
        self.store = self.folder / "store"

    def attempts(self):
        return sorted(path.stem for path in (self.store / "runs").glob("*.attempt"))

    def job(self, *arguments, ranks=2, strike=None):
        """An audit; `strike(process)` happens whenever the guilty run is in hand. (exit code, stderr)"""
        record = self.store / "runs/guilty.attempt"
        began = record.stat().st_mtime_ns if record.exists() else 0

        def in_hand():
            with contextlib.suppress(FileNotFoundError):
                return record.stat().st_mtime_ns != began
            return False

        with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session:
            process = self.programs.start("fa-harness", "--manifest", self.manifest, "--output", self.store, *arguments,
                                          ranks=ranks, session=session)
            try:
                if strike:
                    wait_until(lambda: process.poll() is not None or in_hand())
                    with contextlib.suppress(IndexError, FileNotFoundError, ProcessLookupError):
                        strike(process)
                _, errors = process.communicate(timeout=60)
            finally:
                process.kill()
        return process.returncode, errors

    def assert_only_the_guilty_run_is_given_up(self):
        code, errors = self.job()
        self.assertEqual(code, 3, errors)
        self.assertIn(REASON, errors)
        self.assertNotIn("run 'run-", errors)
        self.assertEqual(self.attempts(), ["guilty"])
        self.assertEqual(sorted(path.stem for path in (self.store / "runs").glob("*.h5")), sorted(INNOCENT))
        self.assertIn("without a segment saved between; --retry tries it again", self.report(self.store, expect=3).stdout)

    def assert_everything_is_measured(self, *arguments):
        code, errors = self.job(*arguments)
        self.assertEqual(code, 0, errors)
        self.assert_only_finished_runs(self.store, RUNS)
        whole, _ = self.audit("whole")
        self.assertEqual(checksums(self.store), checksums(whole))

    def leader(self):
        """The process that has the guilty run in hand."""
        return json.loads((self.store / "runs/guilty.attempt").read_text().splitlines()[0])["pid"]

    def test_name_the_run_that_kills_its_rank(self):
        for job in range(2):
            code, errors = self.job(strike=lambda process: os.kill(self.leader(), signal.SIGKILL))
            self.assertNotIn(code, (0, 3, 75), errors)
            self.assertIn("guilty", self.attempts())
        self.assert_only_the_guilty_run_is_given_up()
        self.assert_only_the_guilty_run_is_given_up()  # it isn't even tried
        self.assert_everything_is_measured("--retry")

    def test_name_it_also_where_another_rank_of_its_team_dies(self):
        def kill(process):
            os.kill(next(pid for pid in children_of(process.pid) if pid != self.leader()), signal.SIGKILL)

        for _ in range(2):
            code, errors = self.job("--ranks-per-run", "2", strike=kill)
            self.assertNotIn(code, (0, 3, 75), errors)
        self.assert_only_the_guilty_run_is_given_up()

    def test_blame_no_run_when_the_job_is_told_to_stop(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGTERM):
            code, errors = self.job(strike=lambda process: process.send_signal(number))
            self.assertIn(code, (1, 75), errors)
        self.assert_everything_is_measured()

    def test_blame_no_run_when_a_lone_process_is_interrupted(self):
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGINT):
            code, errors = self.job(ranks=0, strike=lambda process: process.send_signal(number))
            self.assertEqual(code, -number, errors)
        self.assert_everything_is_measured()

    def test_are_not_counted_where_segments_were_saved_between(self):
        cut = ("--segment-work", "1")
        for _ in range(3):
            before = set((self.store / "segments/guilty").glob("*.safetensors"))

            def kill(process):
                wait_until(lambda: process.poll() is not None
                           or set((self.store / "segments/guilty").glob("*.safetensors")) - before)
                process.kill()

            code, errors = self.job(*cut, ranks=0, strike=kill)
            self.assertEqual(code, -signal.SIGKILL, errors)
        self.assert_everything_is_measured(*cut)

    def test_cost_nothing_that_is_left(self):
        code, errors = self.job()
        self.assertEqual(code, 0, errors)
        self.assert_only_finished_runs(self.store, RUNS)


if __name__ == "__main__":
    unittest.main()
