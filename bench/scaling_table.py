"""scaling_table.py cost.tsv PAGE.md: replaces the table between the page's markers by that of the measurements."""
import csv
import os
import pathlib
import platform
import re
import sys

BEGIN, END = "<!-- measured: scripts/scaling writes this -->", "<!-- end of measured -->"


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or "processor unknown"


def table(rows):
    head = ["factor", "value", "probe s", "accuracy s", "Γ_fresh s", "writing s", "run s", "peak MB", "plan MB"]
    lines = ["| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head)]]
    for row in rows:
        lines.append("| " + " | ".join([row[0], row[1], *(f"{float(cell):.3g}" for cell in row[2:7]), *row[7:]]) + " |")
    return "\n".join(lines)


def main():
    measurements, page = map(pathlib.Path, sys.argv[1:3])
    with open(measurements) as file:
        _, *rows = csv.reader(file, delimiter="\t")
    text = page.read_text()
    cores = len(os.sched_getaffinity(0))
    measured = f"{BEGIN}\nMeasured on: {processor()}, {cores} cores.\n\n{table(rows)}\n{END}"
    replaced, count = re.subn(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: measured, text, flags=re.S)
    if count != 1:
        sys.exit(f"{page}: needs the lines '{BEGIN}' and '{END}', once each")
    page.write_text(replaced)


if __name__ == "__main__":
    main()
