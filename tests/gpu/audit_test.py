"""Whole audits on a GPU: the CPU's values to float tolerance, and the same bytes for any number of ranks (design 7).

Exits with 77 where fa-harness has no GPU.
"""
import json
import os
import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import h5py  # noqa: E402
import numpy as np  # noqa: E402
import tiny_zoo  # noqa: E402
from system_case import NAMES, SystemCase  # noqa: E402

SKIPPED = 77
VISIBLE = os.environ.get("CUDA_VISIBLE_DEVICES")
ONE = {"CUDA_VISIBLE_DEVICES": (VISIBLE or "0").split(",")[0]}
ALL = {} if VISIBLE is None else {"CUDA_VISIBLE_DEVICES": VISIBLE}

# Measured in double, but for the fresh draws: each side is within 2e-6 of the exact value.
TOLERANCES = {"norms/hidden": 1e-10, "norms/gradient": 1e-9, "norms/error": 1e-10, "samples/loss": 1e-10, "gamma/train": 1e-9,
              "gamma/concat_train": 1e-9, "gamma/fresh": 4e-6, "gamma/batchvec_fresh": 4e-6, "gamma/concat_fresh": 4e-6}


class GpuAudit(SystemCase):
    def on_gpus(self, visible, output, *arguments, **options):
        with mock.patch.dict(os.environ, visible):
            return self.audit(output, *arguments, **options)

    def assert_close(self, store, expected):
        for name in NAMES:
            with h5py.File(store / f"runs/{name}.h5") as file, h5py.File(expected / f"runs/{name}.h5") as wanted:
                for dataset in ("samples/index", "samples/label", "accuracy/correct"):
                    np.testing.assert_array_equal(file[dataset][:], wanted[dataset][:], f"{name}: {dataset}")
                for dataset, tolerance in TOLERANCES.items():
                    self.assertEqual(dataset in file, dataset in wanted, f"{name}: {dataset}")
                    if dataset in wanted:
                        np.testing.assert_allclose(file[dataset][:], wanted[dataset][:], tolerance, tolerance,
                                                   err_msg=f"{name}: {dataset}")

    def test_values_are_the_cpus_and_bytes_the_same_for_any_number_of_ranks(self):
        for keys in ("credit=dfa", "credit=sdfa", "credit=fa feedback=none"):
            with self.subTest(keys):
                manifest = self.write_manifest(tiny_zoo.manifest(NAMES, keys))
                short = keys.split()[0].split("=")[1]
                cpu, _ = self.audit(f"{short}-cpu", "--device", "cpu")
                gpu, _ = self.on_gpus(ONE, f"{short}-gpu", "--device", "cuda")
                self.assert_close(gpu, cpu)
                for visible, ranks, per_run in ((ONE, 2, 1), (ONE, 3, 3), (ALL, 2, 2)):  # the last: NCCL, where there are two
                    store, _ = self.on_gpus(visible, f"{short}-{ranks}-{per_run}", "--device", "cuda", "--ranks-per-run", per_run,
                                            manifest=manifest, ranks=ranks)
                    self.assert_same_runs(store, gpu)

    def test_auto_takes_it_and_provenance_says_so(self):
        store, _ = self.on_gpus(ONE, "store")
        lines = [json.loads(line) for line in (store / "provenance.jsonl").read_text().splitlines()]
        devices = {line["device"] for line in lines if line["event"] == "measured"}
        self.assertEqual({device.split(" (")[0] for device in devices}, {"GPU 0"})

    def test_ranks_that_share_a_gpu_are_told_of_once(self):
        _, done = self.on_gpus(ONE, "store", "--device", "cuda", ranks=2)
        self.assertEqual(done.stderr.count("exchange without NCCL"), 1, done.stderr)


def why_no_gpu():
    """fa-harness's own words; empty where it has one."""
    case = GpuAudit("test_auto_takes_it_and_provenance_says_so")
    case.setUp()
    try:
        done = case.programs.run("fa-harness", "--manifest", case.manifest, "--output", case.folder / "store", "--device", "cuda",
                                 timeout=240)  # the first start of all loads gigabytes of CUDA's libraries
        return done.stderr.strip() if done.returncode == 2 else ""
    finally:
        case.doCleanups()


if __name__ == "__main__":
    if reason := why_no_gpu():
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    unittest.main()
