#!/usr/bin/env python3
"""Audits checkpoints of every kind of health with fa-harness and compares all its numbers with this reference.

usage: run.py --bin DIR --data FILE [--work DIR] [--only NAME]
"""
import argparse
import hashlib
import pathlib
import sys
import tempfile
import time
import types

import h5py
import numpy as np
import torch

import measures
from audit import audit
from cases import BATCH_SIZE, BATCHES, CASES, DRAWS, write_checkpoints
from compare import Disagreements, compare_run_file
from compare_tables import compare_tables
from draws_check import check_draws
from model import read_checkpoint

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from programs import Programs  # noqa: E402


def write_manifest(path, data, lines):
    default = f"default data={data} batches={BATCHES} batch_size={BATCH_SIZE} draws={DRAWS} draw_seed=5 eval_seed=3"
    path.write_text("\n".join([default, *lines]) + "\n")


def split(path, name):
    with h5py.File(path) as file:
        return torch.from_numpy(file[f"{name}/x"][:]), torch.from_numpy(file[f"{name}/y"][:].astype(np.int64))


def known_feedback(case, folder, checkpoint):
    """The training matrices with their sign, and their SHA-256 as stored."""
    source = read_checkpoint(folder / case.feedback_file) if case.feedback_file else checkpoint
    if not case.knows_feedback:
        return None, ""
    count = sum(name.startswith("feedback.") for name in source.tensors)
    matrices = [source.tensors[f"feedback.{layer}"] for layer in range(count)]
    digest = hashlib.sha256(b"".join(m.numpy().astype("<f4").tobytes() for m in matrices)).hexdigest()
    return [case.sign * m.double() for m in matrices], digest


def compare_attributes(report, case, file, wanted):
    for key, value in wanted.items():
        stored = file.attrs.get(key)
        equal = stored is not None and np.array_equal(np.asarray(stored), np.asarray(value))
        report.check(equal, f"{case.name}: attribute {key} is {stored!r}, not {value!r}")
    if case.has_feedback() and not case.knows_feedback:
        report.check(file["gamma"].attrs.get("train_reason"), f"{case.name}: gamma has no train_reason")
    if not case.has_feedback() and case.credit != "none":
        report.check("train_reason" not in file["gamma"].attrs, f"{case.name}: gamma has a train_reason")
    if case.settings:
        stored = {f"ep_{key}": file["relaxation"].attrs.get(key) for key in ("beta", "steps", "step")}
        report.check(stored == case.settings, f"{case.name}: attributes of relaxation are {stored}, not {case.settings}")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def compare_case(report, case, folder, store, draws_file, data_file, test, keep="samples"):
    """One run file against the reference; returns the reference's datasets."""
    checkpoint = read_checkpoint(folder / f"{case.name}.safetensors")
    feedback, digest = known_feedback(case, folder, checkpoint)
    draws = None
    if case.has_feedback():
        with h5py.File(draws_file) as file:
            draws = [file[f"draws/{layer}"][:] for layer in range(checkpoint.depth + 1)]
        unsigned = None if feedback is None else [(case.sign * matrix).numpy() for matrix in feedback]
        check_draws(report, case, draws, unsigned)
    options = types.SimpleNamespace(batches=case.batches, batch_size=case.batch_size, credit=case.credit,
                                    loss=case.loss, feedback=feedback, keep=keep,
                                    settings=case.settings)
    with h5py.File(store / "runs" / f"{case.name}.h5") as file:
        index = file["samples/index"][:]
        report.check(len(set(index)) == len(index) == case.batches * case.batch_size and index.min() >= 0
                     and (np.diff(index) < 0).any(), f"{case.name}: samples/index is no shuffled choice")
        wanted = audit(checkpoint, *test, index, options, draws)
        stored = compare_run_file(report, case.name, file, wanted)
        for source in ("train", "fresh"):
            if f"gamma/{source}" in stored:
                report.check(np.array_equal(stored[f"gamma/{source}_histogram"][()],
                                            measures.histogram(stored[f"gamma/{source}"][()])),
                             f"{case.name}: gamma/{source}_histogram is not the histogram of gamma/{source}")
        compare_attributes(report, case, file, {
            "recorded_method": case.name,
            "schema": "fa-harness run 1", "name": case.name, "credit": case.credit, "loss": case.loss,
            "precision": "float64", "depth": checkpoint.depth, "classes": 10,
            "width": checkpoint.widths,
            "batch_size": case.batch_size, "batches": case.batches, "draws": 0 if draws is None else DRAWS,
            "draw_seed": 5, "eval_seed": 3, "checkpoint_sha256": sha256(folder / f"{case.name}.safetensors"),
            "data_sha256": sha256(data_file), "feedback_sha256": digest})
    return wanted


def run(programs, folder, data_file, only):
    report = Disagreements()
    inputs, labels = split(data_file, "test")
    test = inputs.double(), labels
    cases = [case for case in CASES if only in ("", case.name)]
    write_checkpoints(folder, *split(data_file, "train"))
    write_manifest(folder / "all.txt", data_file, [case.line(alone=bool(only)) for case in cases])
    programs.audit(folder / "all.txt", folder / "all", ranks=2)
    reference = {}
    for case in cases:
        started = time.monotonic()
        write_manifest(folder / f"{case.name}.txt", data_file, [case.line(alone=True)])
        alone, draws = folder / f"{case.name}-alone", folder / f"{case.name}-draws.h5"
        programs.audit(folder / f"{case.name}.txt", alone, *(["--export-draws", draws] if case.has_feedback() else []))
        same = (alone / "runs" / f"{case.name}.h5").read_bytes() == (folder / "all/runs" / f"{case.name}.h5").read_bytes()
        report.check(same, f"{case.name}: alone and under mpirun -n 2 the run files differ")
        reference[case.name] = compare_case(report, case, folder, folder / "all", draws, data_file, test)
        print(f"{case.name}: compared in {time.monotonic() - started:.1f} s, disagreements {len(report.found)}", flush=True)
    if not only:
        compare_tables(report, folder / "all/tables", cases, reference)
    for case in [case for case in cases if case.name in ("healthy", "saturated")]:
        kept = folder / f"{case.name}-batches"
        programs.audit(folder / f"{case.name}.txt", kept, "--keep", "batches", ranks=2)
        compare_case(report, case, folder, kept, folder / f"{case.name}-draws.h5", data_file, test, keep="batches")
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True, type=pathlib.Path, help="folder of the programs")
    parser.add_argument("--data", required=True, type=pathlib.Path, help="HDF5 data set")
    parser.add_argument("--work", type=pathlib.Path, help="folder for files (default: a temporary one)")
    parser.add_argument("--only", default="", help="compare this case alone")
    options = parser.parse_args()
    torch.set_num_threads(1)
    np.seterr(all="ignore")
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.work or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        report = run(Programs(options.bin, folder), folder, options.data.resolve(), options.only)
    for message in report.found[:60]:
        print("DISAGREES", message)
    print(f"{report.compared} comparisons, {len(report.found)} disagreements")
    return 1 if report.found else 0


if __name__ == "__main__":
    sys.exit(main())
