"""usage: gpu_audits.py --build DIR [--repeats N] [--cpu-ranks N] [--checkpoints DIR]

Whole audits, as a user starts them: one rank on a GPU against ranks on this machine's cores. Prints the table's rows; 77
where there is no GPU. ./scripts/bench --gpu builds what this needs and starts it.
"""
import argparse
import os
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True

import audits  # noqa: E402
import table  # noqa: E402
from timing import pairs  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]


def options():
    parser = argparse.ArgumentParser(description="Whole audits: a GPU against CPU ranks.")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the folder of a build with CUDA")
    parser.add_argument("--repeats", type=int, default=5, help="pairs of each ratio (5)")
    parser.add_argument("--cpu-ranks", type=int, default=min(16, len(os.sched_getaffinity(0))),
                        help="ranks on the other side (16, or as many as there are cores)")
    parser.add_argument("--checkpoints", type=pathlib.Path, help="a trained zoo (else it is trained, once)")
    return parser.parse_args()


def gpus():
    try:
        return subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True).stdout.splitlines()
    except FileNotFoundError:
        return []


def main():
    chosen = options()
    found = gpus()
    if not found:
        print("no GPU here")
        return 77
    zoo = audits.Zoo(chosen.build / "bin", ROOT / "examples", chosen.build / "bench/audits", chosen.checkpoints)
    print(f"{found[0].split(' (UUID')[0]}; {table.machine(chosen.build / 'bench/bin/fa-bench')}", table.HEADER, sep="\n",
          flush=True)
    for manifest, what in ((zoo.one_run("dfa-s42"), "one run"), (zoo.manifest, "12 runs")):
        def timed(ranks, device, manifest=manifest):
            return lambda calls: sum(zoo.audit(ranks, manifest, ["--device", device])[0] for _ in range(calls))

        print(table.row(pairs(f"{what}, R 1000: wall on one GPU ÷ on {chosen.cpu_ranks} CPU ranks", timed(1, "cuda"),
                              timed(chosen.cpu_ranks, "cpu"), chosen.repeats)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
