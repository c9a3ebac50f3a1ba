"""The table of results, and the machine it was measured on."""
import datetime
import os
import pathlib
import platform
import statistics
import subprocess


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def machine(program):
    """One line: processor, cores, libraries, load."""
    torch = subprocess.run([program, "--machine"], capture_output=True, text=True, check=True).stdout.strip()
    load = f"{os.getloadavg()[0]:.1f}"
    return f"{cpu_model()}, {len(os.sched_getaffinity(0))} cores; {torch}; Linux {platform.release()}; load at the start {load}"


def milliseconds(seconds):
    return f"{1e3 * statistics.median(seconds):.3g}" if seconds else "–"


HEADER = """\
| what | ratio | must reach | min … max | pairs | above, ms | below, ms |
|---|---|---|---|---|---|---|"""


def row(result):
    span = f"{min(result.ratios):.3g} … {max(result.ratios):.3g}"
    return (f"| {result.text} | {result.ratio:.3g} | {result.verdict} | {span} | {len(result.ratios)} | "
            f"{milliseconds(result.above)} | {milliseconds(result.below)} |")


def results_page(results, machine_line, command):
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    return "\n".join([
        "# Results", "",
        f"`{command}`, {date}: {machine_line}.", "",
        "A ratio is the median of its pairs' ratios; the two sides of a pair run one after the other, so that the "
        "machine's noise meets both. `ms` are medians. What each line means: [README.md](README.md).", "",
        HEADER, *map(row, results), ""])
