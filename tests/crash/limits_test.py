"""A thousand runs in one go: file descriptors and memory stay flat. Prints both, and the seconds per run."""
import os
import pathlib
import tempfile
import time
import unittest

from crash_case import CrashCase, tiny_zoo
from random_kills_test import descendants_of

RUNS = 1000
ENOUGH_RUNS = 100  # by then everything that is kept from run to run has been made
MORE_DESCRIPTORS, MORE_MEBIBYTES = 2, 16


def sample(pid):
    """(open file descriptors, resident MiB)"""
    with open(f"/proc/{pid}/statm") as file:
        resident = int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
    return len(os.listdir(f"/proc/{pid}/fd")), resident


class Limits(CrashCase):
    def write_zoo(self):
        """The same few checkpoints under a thousand names: their digests differ by the draws' seed."""
        tiny_zoo.write_zoo(self.folder, 3)
        text = ["default data=data.h5 batch_size=8 batches=9 draws=8"]
        for number in range(RUNS):
            name = f"r{number:04}"
            os.link(self.folder / f"run-{number % 3}.safetensors", self.folder / f"{name}.safetensors")
            text.append(f"name={name} checkpoint={name}.safetensors draw_seed={number}")
        self.manifest = self.write_manifest("\n".join(text) + "\n")

    def watched(self, ranks):
        """Samples by number of finished runs, of the rank that has most."""
        store, samples = self.empty(f"store-{ranks}"), {}
        with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session, open(self.folder / "output", "w") as output:
            started = time.monotonic()
            job = self.programs.start("fa-harness", "--manifest", self.manifest, "--output", store, *self.options, ranks=ranks,
                                      session=session)
            while job.poll() is None:
                self.assertLess(time.monotonic() - started, 900)
                time.sleep(0.1)
                done = len(list((store / "runs").glob("[!.]*.h5"))) if (store / "runs").exists() else 0
                if done == RUNS:
                    break  # the tables come now, and they take memory for all runs
                try:
                    pids = descendants_of(job.pid) if ranks else [job.pid]
                    now = [sample(pid) for pid in pids if pathlib.Path(f"/proc/{pid}/comm").read_text() == "fa-harness\n"]
                except FileNotFoundError:
                    continue
                if now:
                    samples[done] = tuple(map(max, zip(*now)))
            seconds = time.monotonic() - started
            _, errors = job.communicate(timeout=300)
            self.assertEqual(job.returncode, 0, errors)
        print(f"{ranks or 1} rank(s): {1000 * seconds / RUNS:.1f} ms a run, then {time.monotonic() - started - seconds:.1f} s of tables",
              flush=True)
        return samples

    def test_a_thousand_runs(self):
        for ranks in (0, 2):
            with self.subTest(ranks=ranks):
                samples = self.watched(ranks)
                settled = [value for done, value in samples.items() if ENOUGH_RUNS <= done <= 2 * ENOUGH_RUNS]
                late = [value for done, value in samples.items() if done >= RUNS - 2 * ENOUGH_RUNS]
                (files, memory), (files_late, memory_late) = (tuple(map(max, zip(*part))) for part in (settled, late))
                print(f"  descriptors {files} → {files_late}, resident {memory:.1f} → {memory_late:.1f} MiB", flush=True)
                self.assertLessEqual(files_late, files + MORE_DESCRIPTORS)
                self.assertLessEqual(memory_late, memory + MORE_MEBIBYTES)


if __name__ == "__main__":
    unittest.main()
