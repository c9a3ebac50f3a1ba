"""kill -9 at random moments: of a rank, of mpirun, of the whole process group; each followed by the same command."""
import os
import pathlib
import random
import signal
import tempfile
import time
import unittest

from crash_case import CrashCase, LONG, tiny_zoo

NAMES = [f"run-{number}" for number in range(6)]
KILLS = 40 if LONG else 12
SEED = 7


def children_of(pid):
    try:
        return [int(child) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
                for child in (task / "children").read_text().split()]
    except FileNotFoundError:
        return []


def descendants_of(pid):
    return [each for child in children_of(pid) for each in (child, *descendants_of(child))]


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] != "Z"
    except FileNotFoundError:
        return False


class RandomKills(CrashCase):
    options = ("--retry",)  # else a run that is struck twice is given up

    def write_zoo(self):
        """Long enough that a blow falls into every part of it."""
        tiny_zoo.write_zoo(self.folder, len(NAMES), width=64, depth=3)
        self.manifest = self.write_manifest(tiny_zoo.manifest(NAMES, "draws=400 batches=12"))

    def strike(self, store, ranks, whom, seconds):
        """Starts an audit and kills after `seconds`; False if it had ended by itself."""
        with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session:
            job = self.programs.start("fa-harness", "--manifest", self.manifest, "--output", store, *self.options, ranks=ranks,
                                      session=session, start_new_session=True)
            try:
                time.sleep(seconds)
                family = descendants_of(job.pid)
                if job.poll() is not None:
                    return False
                if whom == "group":
                    os.killpg(job.pid, signal.SIGKILL)
                else:
                    victims = [job.pid] if whom == "mpirun" or not ranks else children_of(job.pid) or [job.pid]
                    os.kill(victims[-1], signal.SIGKILL)
                job.communicate(timeout=30)  # design 8: a rank that dies ends the job
                end = time.monotonic() + 30
                while any(alive(pid) for pid in family):  # mpirun's ranks notice its death after about a second
                    self.assertLess(time.monotonic(), end, "a rank lives on")
                    time.sleep(0.02)
                return True
            finally:
                job.kill()
                job.communicate()

    def test_kills(self):
        whole = self.undisturbed()
        luck, struck = random.Random(SEED), 0
        print(f"seed {SEED}")
        for round_ in range(4 * KILLS):
            if struck == KILLS:
                break
            ranks, whom = luck.choice([(0, "rank"), (2, "rank"), (2, "mpirun"), (2, "group"), (4, "rank"), (4, "mpirun")])
            started = time.monotonic()
            store = self.empty()
            with self.subTest(round=round_, ranks=ranks, whom=whom):
                for _ in range(luck.randint(1, 3)):  # killed again while it resumes
                    seconds = luck.uniform(0.1, 2.5 if ranks else 1.5)
                    before, saved = self.finished_runs(store), self.saved_segments(store)
                    if not self.strike(store, ranks, whom, seconds):
                        break
                    struck += 1
                    after = self.finished_runs(store)
                    self.assertEqual({name: after[name] for name in before}, before)
                    saved_after = self.saved_segments(store)
                    for name, (draws, _) in saved.items():
                        self.assertTrue(f"{name}.h5" in after or saved_after[name][0] >= draws, f"{name}: segments are lost")
                    self.assert_nothing_wrong(store, whole)
                self.assert_resumes(store, whole, luck.choice([0, 2]))
            print(f"{ranks} ranks, {whom}: {time.monotonic() - started:.1f} s", flush=True)
        self.assertGreaterEqual(struck, 10)
        print(f"{struck} kills")


class RandomKillsInSegments(RandomKills):
    options = ("--retry", "--segment-work", 0)


if __name__ == "__main__":
    unittest.main()
