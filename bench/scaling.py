"""How time and memory of an audit grow: one factor at a time around a base case.

    scaling.py BIN OUT [--repeats N] [--quick]

runs BIN/fa-harness on synthetic checkpoints and data (random weights: no number of them is looked at, every audit
does the same work on trained ones) and writes OUT/cost.tsv. Seconds are the medians of the repeats as
provenance.jsonl records them; the peak memory is the largest rank's, beside what --dry-run says of it.
"""
import argparse
import csv
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from safetensors.numpy import save_file

BASE = {"R": 200, "S": 1024, "d": 256, "C": 10, "ranks": 1}
GRID = {"R": (50, 100, 200, 400, 800, 1600), "S": (512, 1024, 2048, 4096), "d": (64, 128, 256, 512, 1024),
        "C": (2, 10, 20, 50, 100), "ranks": (1, 2, 4, 8, 16)}
DEPTH, FEATURES, BATCH, TEST_SAMPLES = 4, 40, 128, 4224
COLUMNS = ["factor", "value", "probing", "accuracy", "fresh", "writing", "run", "peak_MB", "planned_MB"]
UNITS = {"B": 1e-6, "KiB": 1024e-6, "MiB": 1024**2 * 1e-6, "GiB": 1024**3 * 1e-6}
# A rank as a child of this: what it prints at its end is the rank's peak memory.
WATCH = "import os, resource, subprocess, sys\n" \
        "code = subprocess.run(sys.argv[2:]).returncode\n" \
        "open(sys.argv[1] + str(os.getpid()), 'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))\n" \
        "sys.exit(code)\n"


def write_checkpoint(path, d, classes):
    random = np.random.default_rng(1)

    def linear(name, outputs, inputs):
        bound = inputs**-0.5
        return {f"{name}.weight": random.uniform(-bound, bound, (outputs, inputs)).astype(np.float32),
                f"{name}.bias": random.uniform(-bound, bound, outputs).astype(np.float32)}

    def norm(name):
        return {f"{name}.weight": np.ones(d, np.float32), f"{name}.bias": np.zeros(d, np.float32)}

    tensors = linear("embed", d, FEATURES) | norm("out_ln") | linear("head", classes, d)
    for block in range(DEPTH):
        tensors |= norm(f"blocks.{block}.ln") | linear(f"blocks.{block}.fc1", d, d) | linear(f"blocks.{block}.fc2", d, d)
    for layer in range(DEPTH + 1):
        tensors[f"feedback.{layer}"] = (random.normal(size=(d, classes)) / classes**0.5).astype(np.float32)
    save_file(tensors, path, metadata={"model": "resmlp"})


def write_data(path, classes):
    random = np.random.default_rng(2)
    with h5py.File(path, "w") as file:
        for split, samples in (("train", 8), ("test", TEST_SAMPLES)):
            file[f"{split}/x"] = random.normal(size=(samples, FEATURES)).astype(np.float32)
            file[f"{split}/y"] = (np.arange(samples) % classes).astype(np.int64)


class Audits:
    def __init__(self, programs, folder):
        self.programs, self.folder = pathlib.Path(programs).resolve(), folder

    def manifest(self, case):
        d, classes = case["d"], case["C"]
        checkpoint, data = self.folder / f"d{d}-C{classes}.safetensors", self.folder / f"C{classes}.h5"
        if not checkpoint.exists():
            write_checkpoint(checkpoint, d, classes)
        if not data.exists():
            write_data(data, classes)
        path = self.folder / "runs.txt"
        path.write_text(f"name=run data={data.name} checkpoint={checkpoint.name} method=random "
                        f"draws={case['R']} batch_size={BATCH} batches={case['S'] // BATCH}\n")
        return path

    def harness(self, manifest, ranks, *arguments, watch=None):
        command = [str(self.programs / "fa-harness"), "--manifest", str(manifest), *map(str, arguments)]
        if watch:
            command = [sys.executable, "-c", WATCH, str(watch), *command]
        if ranks > 1:
            command = ["mpirun", "-q", "--oversubscribe", "-n", str(ranks), *command]
        environment = os.environ | ({"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
                                    if os.geteuid() == 0 else {})
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def planned_megabytes(self, manifest, ranks):
        plan = self.harness(manifest, 1, "--dry-run", "--ranks", ranks)
        number, unit = re.search(r"memory +([0-9.]+) (\w+) a rank", plan).groups()
        return float(number) * UNITS[unit]

    def measure(self, case):
        """Seconds of the stages, and the largest rank's peak memory in MB."""
        manifest = self.manifest(case)
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            folder = pathlib.Path(folder)
            self.harness(manifest, case["ranks"], "--output", folder / "store", watch=folder / "peak-")
            lines = (folder / "store/provenance.jsonl").read_text().splitlines()
            seconds = next(event["seconds"] for event in map(json.loads, lines) if event["event"] == "measured")
            peak = max(int(path.read_text()) for path in folder.glob("peak-*")) * 1024e-6
        return seconds, peak, self.planned_megabytes(manifest, case["ranks"])


def cases(quick):
    cores = len(os.sched_getaffinity(0))
    for factor, values in GRID.items():
        values = [value for value in values if factor != "ranks" or value <= cores]
        for value in values[:3] if quick else values:
            yield factor, value, BASE | {factor: value}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("programs", help="the folder with fa-harness")
    arguments.add_argument("output", type=pathlib.Path)
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--quick", action="store_true", help="three values of each factor")
    options = arguments.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fa-scaling-") as folder:
        audits = Audits(options.programs, pathlib.Path(folder))
        audits.measure(BASE)  # what is read for the first time
        rows = []
        for factor, value, case in cases(options.quick):
            measured = [audits.measure(case) for _ in range(options.repeats)]
            seconds = {stage: statistics.median(run[0][stage] for run in measured) for stage in measured[0][0]}
            rows.append([factor, value, *(f"{seconds[stage]:.4f}" for stage in COLUMNS[2:6]), f"{sum(seconds.values()):.4f}",
                         f"{statistics.median(run[1] for run in measured):.0f}", f"{measured[0][2]:.0f}"])
            print(*rows[-1], sep="\t", flush=True)
    with open(options.output / "cost.tsv", "w", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
