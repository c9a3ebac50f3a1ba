"""Whole audits of the zoo, as a user starts them."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

METHODS = ("bp", "frozen", "ep", "dfa")
SEEDS = (42, 123, 456)
COMPUTE = ("probing", "accuracy", "fresh")


def environment(session):
    """Open MPI's scratch files in a folder of their own; nothing that changes how it works."""
    extra = {"OMPI_MCA_orte_tmpdir_base": session, "OMPI_MCA_btl_vader_backing_directory": session}
    if os.getuid() == 0:
        extra |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    return os.environ | extra


def run(command):
    """Wall seconds of a command that must succeed."""
    # Short: Open MPI puts sockets in there, whose paths have at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session:
        start = time.perf_counter()
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment(session))
        wall = time.perf_counter() - start
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return wall


class Zoo:
    """Twelve trained checkpoints and their manifest, kept between calls."""

    def __init__(self, programs, examples, folder, checkpoints=None, draws=1000):
        self.programs, self.folder = pathlib.Path(programs), pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.checkpoints = pathlib.Path(checkpoints or self.folder / "zoo").resolve()
        self.train(examples)
        self.manifest = self.folder / "runs.txt"
        self.default = f"default data={examples / 'data/mnist1d-24k.h5'} batches=8 batch_size=128 draws={draws}"
        lines = [self.default]
        for seed in SEEDS:
            for method in METHODS:
                frozen = "none" if method == "frozen" else f"frozen-s{seed}"
                feedback = "none" if method in ("frozen", "ep") else "stored"
                lines.append(f"name={method}-s{seed} checkpoint={self.checkpoints / f'{method}-s{seed}.safetensors'} "
                             f"method={method} seed={seed} frozen={frozen} feedback={feedback}")
        self.manifest.write_text("\n".join(lines) + "\n")

    def train(self, examples):
        wanted = [self.checkpoints / f"{method}-s{seed}.safetensors" for method in METHODS for seed in SEEDS]
        if all(path.exists() for path in wanted):
            return
        print("training the zoo (once; some minutes)", flush=True)
        run(["mpirun", "-q", "--oversubscribe", "-n", 2, self.programs / "fa-train", "--zoo", examples / "zoo.txt",
             "--output", self.checkpoints])

    def one_run(self, name):
        """A manifest of one of the runs, without its control."""
        path = self.folder / f"{name}.txt"
        path.write_text(f"{self.default}\nname={name} checkpoint={self.checkpoints / name}.safetensors frozen=none\n")
        return path

    def audit(self, ranks, manifest=None, options=()):
        """Wall seconds of one audit into a fresh folder, and its `Shares`."""
        output = self.folder / "audit"
        shutil.rmtree(output, ignore_errors=True)
        os.sync()  # what the last one wrote is not this one's to wait for
        wall = run(["mpirun", "-q", "-n", ranks, "--bind-to", "core", self.programs / "fa-harness", "--manifest",
                    manifest or self.manifest, "--output", output, *options])
        shares = Shares(wall, output / "provenance.jsonl")
        shutil.rmtree(output)
        return wall, shares

    def dry_run(self, calls):
        return sum(run([self.programs / "fa-harness", "--manifest", self.manifest, "--output", self.folder / "audit",
                        "--dry-run"]) for _ in range(calls))


class Shares:
    """Where an audit's wall time went, as shares of it, on the rank that computed longest.

    Computing is what provenance.jsonl calls probing, accuracy and fresh. Everything else is outside: mpirun, start-up
    and MPI_Init, reading, writing (with fsyncs and checks), tables, and waiting for the other rank.
    """

    def __init__(self, wall, provenance):
        by_rank = {}
        for line in provenance.read_text().splitlines():
            event = json.loads(line)
            if event["event"] == "measured":
                of_rank = by_rank.setdefault((event["host"], event["pid"]), {})
                for stage, seconds in event["seconds"].items():
                    of_rank[stage] = of_rank.get(stage, 0) + seconds
        if not by_rank:
            raise RuntimeError(f"{provenance}: no run was measured")
        busiest = max(by_rank.values(), key=lambda stages: sum(stages[stage] for stage in COMPUTE))
        self.of = {stage: seconds / wall for stage, seconds in busiest.items()}
        self.outside = 1 - sum(self.of[stage] for stage in COMPUTE)
        self.of["start-up, tables, waiting"] = 1 - sum(busiest.values()) / wall
