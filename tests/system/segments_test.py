"""A run that takes long is saved in segments of its draws: whatever interrupts it, the finished file is that of an undisturbed
run, byte for byte (design 8)."""
import contextlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import unittest

import h5py
import numpy as np
import tiny_zoo
from interruption_test import children_of, wait_until
from safetensors import safe_open
from system_case import SystemCase

DRAWS = 2000  # 63 blocks
# The run's draws count 65.4 Gflop: 11 segments of at most 6 blocks with one rank.
CUT = ("--segment-work", "7")


class SegmentedRun(SystemCase):
    undisturbed = {}  # audits of the same run that nobody interrupted, kept for all tests

    def write_zoo(self):
        with_classes, tiny_zoo.CLASSES = tiny_zoo.CLASSES, 60  # long for its size
        tiny_zoo.write_data(self.folder / "data.h5", classes=60)
        tiny_zoo.save(self.folder / "big.safetensors", tiny_zoo.state(1, 384, 4) | tiny_zoo.feedback(2, 384, 4))
        tiny_zoo.CLASSES = with_classes
        self.manifest = self.write_manifest(self.line())

    def line(self, keys="", draws=DRAWS):
        return (f"name=big checkpoint=big.safetensors data=data.h5 batch_size=16 batches=8 draws={draws} draw_seed=3 "
                f"feedback=stored {keys}\n")

    def segments(self, store):
        return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns)
                for path in (store / "segments/big").glob("*.safetensors")}

    def interrupted(self, store, ranks, *arguments, strike, segments=1, manifest=None):
        """Starts an audit and strikes it once so many new segments are there; (exit code, stderr) when all of it has ended:
        ranks outlive an mpirun that is killed by a second, in which they may finish the run."""
        before = self.segments(store)
        with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session:
            process = self.programs.start("fa-harness", "--manifest", manifest or self.manifest, "--output", store, *CUT,
                                          *arguments, ranks=ranks, session=session)
            try:
                wait_until(lambda: process.poll() is not None or len(self.segments(store).keys() - before.keys()) >= segments)
                ranks_of_it = children_of(process.pid) if process.poll() is None else []
                with contextlib.suppress(IndexError, FileNotFoundError, ProcessLookupError):  # it has ended by itself
                    strike(process)
                _, errors = process.communicate(timeout=60)
                wait_until(lambda: not any(pathlib.Path(f"/proc/{pid}/exe").exists() for pid in ranks_of_it))
            finally:
                process.kill()
        return process.returncode, errors

    def stopped(self, store, ranks=2, *arguments, **options):
        """An audit that was stopped in order, with segments and without a run file."""
        code, errors = self.interrupted(store, ranks, *arguments, strike=lambda process: process.send_signal(signal.SIGUSR1),
                                        **options)
        self.assertEqual(code, 75, errors)
        self.assertTrue(self.segments(store))
        return errors

    def whole(self, *arguments, keys="", draws=DRAWS):
        """The store of an audit in one piece, by the same arguments."""
        if (arguments, keys, draws) not in SegmentedRun.undisturbed:
            kept = tempfile.TemporaryDirectory(prefix="fa-whole-")
            unittest.addModuleCleanup(kept.cleanup)
            store, _ = self.audit("whole", *arguments, manifest=self.write_manifest(self.line(keys, draws), "whole.txt"))
            self.assertFalse((store / "segments").exists())
            SegmentedRun.undisturbed[arguments, keys, draws] = shutil.copytree(store, pathlib.Path(kept.name) / "store")
            shutil.rmtree(store)
        return SegmentedRun.undisturbed[arguments, keys, draws]

    def assert_finished(self, store, whole):
        """The same run file, the same values of every strategy and draw, and nothing else left."""
        self.assert_same_runs(store, whole, ["big"])
        self.assert_only_finished_runs(store, ["big"])
        self.assertFalse((store / "segments").exists())
        for file in (whole / "cache").iterdir():
            self.assertEqual((store / "cache" / file.name).read_bytes(), file.read_bytes())


class Segments(SegmentedRun):
    def test_without_an_interruption_make_the_same_file(self):
        for ranks in (0, 3):
            store, _ = self.audit(f"store-{ranks}", *CUT, ranks=ranks)
            self.assert_finished(store, self.whole())

    def test_survive_an_interruption_after_each_with_any_number_of_ranks(self):
        whole = self.whole()
        for segments, numbers in enumerate([(0, 2, 4, 1), (4, 0, 2, 1)], 1):
            store, stops, code = self.folder / f"store-{segments}", 0, 75
            while code == 75:
                before = self.segments(store)
                code, errors = self.interrupted(store, numbers[stops % 4], segments=segments,
                                                strike=lambda process: process.send_signal(signal.SIGUSR1))
                if code == 75:
                    stops += 1
                    after = self.segments(store)
                    self.assertEqual(before, {name: after.get(name) for name in before}, "computed twice")
                    self.assertGreater(len(after), len(before))
                    saved = sum(int(name.split("-")[2]) - int(name.split("-")[1]) for name in after)
                    self.assertIn(f"1 of 1 runs are left; of run 'big' {saved} of {DRAWS} draws are saved: the same "
                                  "command goes on", errors)
                    self.assertEqual(list((store / "runs").iterdir()), [])
            self.assertEqual(code, 0, errors)
            self.assertGreaterEqual(stops, 2)
            self.assert_finished(store, whole)

    def test_stop_where_one_rank_alone_is_told(self):
        for child in (0, -1):
            store = self.folder / f"store{child}"
            code, errors = self.interrupted(
                store, 3, strike=lambda process: os.kill(children_of(process.pid)[child], signal.SIGUSR1))
            self.assertEqual(code, 75, errors)
            self.audit(store.name, *CUT, ranks=2)
            self.assert_finished(store, self.whole())

    def test_survive_kills_at_random_moments(self):
        moments = random.Random(6)
        store = self.folder / "store"

        def a_rank(process):
            os.kill(moments.choice(children_of(process.pid)), signal.SIGKILL)

        kept = {}
        for number in range(10):
            strike = (a_rank, subprocess.Popen.kill)[number % 2]  # kill -9 of a rank, of mpirun
            pause = moments.uniform(0, 1.5)

            def after_a_while(process):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(pause)
                strike(process)

            code, errors = self.interrupted(store, moments.choice((1, 2, 3)), "--retry", strike=after_a_while, segments=0)
            if code == 0 or (store / "runs/big.h5").exists():
                break
            after = self.segments(store)
            self.assertEqual(kept, {name: after.get(name) for name in kept}, errors)
            kept = after
        self.audit("store", *CUT, "--retry", ranks=2)
        self.assert_finished(store, self.whole())

    def test_are_lost_by_no_signal_to_mpirun(self):
        draws = 8 * DRAWS  # some seconds: mpirun leaves its ranks one, in which a shorter run is finished
        self.manifest = self.write_manifest(self.line(draws=draws))
        for number in (signal.SIGTERM, signal.SIGINT):
            store = self.folder / f"store-{number}"
            code, _ = self.interrupted(store, 2, strike=lambda process: process.send_signal(number))
            self.assertNotEqual(code, 0)
            saved = self.segments(store)
            self.assertTrue(saved)
            done = self.audit(store.name, *CUT, ranks=2)[1]
            self.assertIn("run 'big': goes on with", done.stderr)
            self.assert_finished(store, self.whole(draws=draws))

    def test_that_are_damaged_are_measured_again(self):
        store = self.folder / "store"
        self.stopped(store, 1, segments=4)
        flipped, short, gone, alien = sorted((store / "segments/big").iterdir())[:4]
        content = bytearray(flipped.read_bytes())
        content[len(content) // 2] ^= 1  # in the numbers: only the checksum tells
        flipped.write_bytes(content)
        short.write_bytes(short.read_bytes()[:-1])
        gone.unlink()
        alien.write_bytes(b"no segment at all")
        done = self.audit("store", *CUT, ranks=2)[1]
        self.assertIn("segments discarded, which are damaged or of other inputs, options or machines: 2", done.stderr)
        self.assertIn("are measured again: their segment can't be used: it differs from its recorded crc32", done.stderr)
        self.assert_finished(store, self.whole())

    def test_of_other_options_or_inputs_are_discarded(self):
        store = self.folder / "store"
        self.stopped(store)
        count = len(self.segments(store))
        done = self.audit("store", *CUT, ranks=2, manifest=self.write_manifest(self.line("eval_seed=5"), "other.txt"))[1]
        self.assertIn(f"inputs, options or machines: {count}\n", done.stderr)
        self.assertNotIn("goes on with", done.stderr)
        self.assert_finished(store, self.whole(keys="eval_seed=5"))

    def test_of_another_kind_of_machine_are_discarded(self):
        store = self.folder / "store"
        self.stopped(store)
        for path in (store / "segments/big").iterdir():
            content = path.read_bytes()
            self.assertIn(b"LibTorch 2", content)
            path.write_bytes(content.replace(b"LibTorch 2", b"LibTorch 1", 1))
        done = self.audit("store", *CUT)[1]
        self.assertIn("segments discarded", done.stderr)
        self.assertNotIn("goes on with", done.stderr)
        self.assert_finished(store, self.whole())

    def test_of_a_run_that_needs_none_any_more_are_taken_away(self):
        store = self.folder / "store"
        self.stopped(store)
        self.audit("store")  # in one piece
        self.assert_finished(store, self.whole())
        shutil.copytree(self.whole() / "runs", self.folder / "killed/runs")  # killed behind its last step but one
        (self.folder / "killed/segments/big").mkdir(parents=True)
        (self.folder / "killed/segments/big/draws-0-192-0.safetensors").write_bytes(b"x")
        self.audit("killed")
        self.assertFalse((self.folder / "killed/segments").exists())

    def test_of_batches_keep_every_strategy(self):
        store = self.folder / "store"
        self.stopped(store, 2, "--keep", "batches")
        self.audit("store", *CUT, "--keep", "batches", ranks=3)
        self.assert_finished(store, self.whole("--keep", "batches"))

    def test_serve_a_strategy_that_is_asked_for_later(self):
        later = ("--strategy", "layers=median,pooled=iqm", "--strategy", "pooled=mean,layers=mean")
        for keep in ("samples", "batches"):
            store = self.folder / f"store-{keep}"
            self.stopped(store, 2, "--keep", keep)
            done = self.audit(store.name, *CUT, *later, "--keep", keep, ranks=2)[1]
            self.assertIn("goes on with", done.stderr)
            whole = self.whole(*later, "--keep", keep)
            self.assert_same_runs(store, whole, ["big"])
            cache, wanted = (json.loads(next((where / "cache").glob("[0-9a-f]*.json")).read_text())["values"]
                             for where in (store, whole))
            self.assertEqual(cache["pooled=mean,layers=mean"], wanted["pooled=mean,layers=mean"])
            self.assertEqual("layers=median,pooled=iqm" in cache, keep == "samples")  # of batches it can't be known
            if keep == "samples":
                self.assertTrue(cache == wanted)

    def test_hold_the_rows_of_the_run_file(self):
        store = self.folder / "store"
        self.stopped(store)
        with h5py.File(self.whole() / "runs/big.h5") as run:
            for path in (store / "segments/big").iterdir():
                _, begin, end, _ = path.name.split("-")
                with safe_open(path, "numpy") as segment:
                    self.assertEqual(segment.metadata()["digest"], run.attrs["digest"])
                    for name in ("gamma/fresh", "gamma/batchvec_fresh", "gamma/flat_fresh", "gamma/concat_fresh"):
                        np.testing.assert_array_equal(segment.get_tensor(name), run[name][int(begin):int(end)])
                    draws = run["gamma/fresh"][int(begin):int(end)]
                    np.testing.assert_allclose(segment.get_tensor("values/pooled=mean,layers=mean"),
                                               draws.astype(float).mean(axis=1).mean(axis=1), rtol=1e-12)
                    self.assertEqual(segment.get_tensor("gamma/fresh_histogram").sum(), np.isfinite(draws).sum())

    def test_that_vanish_under_a_jobs_hands_are_measured_again(self):
        store = self.folder / "store"
        code, errors = self.interrupted(store, 2, segments=2, strike=lambda process: shutil.rmtree(store / "segments"))
        self.assertEqual(code, 0, errors)
        self.assertIn("are measured again", errors)
        self.assert_finished(store, self.whole())

    def test_of_two_jobs_in_one_folder_do_no_harm(self):
        with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session:
            jobs = [self.programs.start("fa-harness", "--manifest", self.manifest, "--output", self.folder / "store",
                                        "--segment-work", work, session=session) for work in ("7", "5")]
            for job in jobs:
                _, errors = job.communicate(timeout=120)
                self.assertEqual(job.returncode, 0, errors)
        self.assert_finished(self.folder / "store", self.whole())

    def test_are_announced_by_the_plan(self):
        def plan(*arguments):
            return self.programs.run("fa-harness", "--manifest", self.manifest, "--dry-run", *arguments).stdout

        self.assertNotIn("segments", plan())
        # 128 samples × 2000 draws × 5 layers × (384 × 60 + 2500) multiply-adds, two flop each; a block is 1.05 Gflop
        self.assertIn("the draws count 65.4 Gflop, saved in 11 segments of 6 blocks at most", plan(*CUT))
        # 21 blocks a rank
        self.assertIn("saved in 15 segments of 5 blocks at most", plan("--segment-work", "5.5", "--ranks", "3"))


if __name__ == "__main__":
    unittest.main()
