"""Comparisons that collect every disagreement instead of stopping at the first."""
import csv
import pathlib
import sys
import zlib

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from run_file import metadata_crc32  # noqa: E402

# Absolute tolerances of cosines, relative ones of everything else (issue 3, "How it will be judged").
COSINE, FRESH_COSINE, RELATIVE = 1e-6, 2e-6, 1e-5


class Disagreements:
    def __init__(self):
        self.found = []
        self.compared = 0

    def check(self, condition, message):
        self.compared += 1
        if not condition:
            self.found.append(message)

    def arrays(self, where, stored, wanted, absolute=0.0, relative=0.0):
        """Equal shapes, NaN in the same places, values within absolute + relative·|wanted|."""
        stored, wanted = np.asarray(stored, np.float64), np.asarray(wanted, np.float64)
        self.compared += 1
        if stored.shape != wanted.shape:
            self.found.append(f"{where}: shape {stored.shape}, the reference has {wanted.shape}")
            return
        nan = np.isnan(stored) != np.isnan(wanted)
        if nan.any():
            self.found.append(f"{where}: {nan.sum()} of {nan.size} differ in being NaN, first at {first(nan)}: "
                              f"{stored[first(nan)]} against {wanted[first(nan)]}")
        with np.errstate(invalid="ignore"):
            far = ~nan & (stored != wanted) & ~(np.abs(stored - wanted) <= absolute + relative * np.abs(wanted))
        far &= ~np.isnan(wanted)
        if far.any():
            with np.errstate(invalid="ignore"):
                worst = np.nanmax(np.where(far, np.abs(stored - wanted), 0.0))
            self.found.append(f"{where}: {far.sum()} of {far.size} differ, by up to {worst:.3g}, first at {first(far)}: "
                              f"{stored[first(far)]!r} against {wanted[first(far)]!r}")


def first(mask):
    return tuple(int(i) for i in np.argwhere(mask)[0])


def tolerance_of(dataset):
    """(absolute, relative)"""
    if dataset == "relaxation/residual":
        return COSINE, RELATIVE  # a ratio that grows without bound where the relaxation does
    if dataset.startswith("samples/loss") or dataset.startswith("norms/") or dataset.endswith("norm_minus_one"):
        return 0.0, RELATIVE
    if dataset.startswith("gamma/") and "fresh" in dataset:
        return FRESH_COSINE, 0.0
    return COSINE, 0.0


def compare_run_file(report, name, file, wanted):
    """Every dataset of the reference against the run file, none missing and none left over; and the checksums."""
    stored = {}
    file.visititems(lambda path, item: stored.__setitem__(path, item) if hasattr(item, "shape") else None)
    report.check(stored.pop("metadata_crc32")[()] == metadata_crc32(file.filename), f"{name}: metadata_crc32 isn't zlib's")
    histograms = {path for path in stored if path.endswith("_histogram")}
    report.check(set(stored) - histograms == set(wanted),
                 f"{name}: datasets missing {sorted(set(wanted) - set(stored))}, "
                 f"left over {sorted(set(stored) - histograms - set(wanted))}")
    for path, item in stored.items():
        values = item[()]
        crc = zlib.crc32(np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes())
        report.check(int(item.attrs["crc32"]) == crc, f"{name} {path}: crc32 {item.attrs['crc32']}, zlib says {crc}")
        for attribute in ("axes", "unit", "definition"):
            report.check(attribute in item.attrs, f"{name} {path}: no attribute '{attribute}'")
        if path == "pitfalls/float32_gamma":
            compare_float32(report, f"{name} {path}", values, wanted[path])
        elif path in wanted:
            report.arrays(f"{name} {path}", values, wanted[path], *tolerance_of(path))
    return stored


def compare_float32(report, where, stored, wanted):
    """Loosely: another order of float32 sums moves single Γ by up to 1e-3, and more where errors round to 0."""
    report.check(stored.shape == wanted.shape, f"{where}: shape {stored.shape} against {wanted.shape}")
    both = ~np.isnan(stored) & ~np.isnan(wanted)
    if both.any():
        typical = np.median(np.abs(stored[both] - wanted[both]))
        report.check(typical < 5e-3, f"{where}: typical difference {typical:.3g}")


def read_csv(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return float(text) if text not in ("", None) else float("nan")


def compare_row(report, where, stored, wanted, tolerances):
    for column, value in wanted.items():
        if column not in stored:
            report.check(False, f"{where}: no column '{column}'")
        elif isinstance(value, (int, float, np.number)):
            report.arrays(f"{where} {column}", number(stored[column]), value, *tolerances.get(column, (2e-6, 2e-6)))
