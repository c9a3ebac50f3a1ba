#!/usr/bin/env python3
"""Every C++ file is as .clang-format has it. Exits with 77 (skipped) where clang-format 19 is not installed."""
import pathlib
import subprocess
import sys

try:
    import clang_format
except ImportError:
    sys.exit(77)

root = pathlib.Path(sys.argv[1])
program = pathlib.Path(clang_format.__file__).parent / "data/bin/clang-format"
files = [path for suffix in ("hpp", "cpp", "cuh", "cu") for path in root.glob(f"*/**/*.{suffix}") if path.relative_to(root).parts[0] != "build"]
done = subprocess.run([program, "--dry-run", "--Werror", "--style=file", *files])
print(f"{len(files)} files: " + ("as clang-format has them" if done.returncode == 0 else f"run {program} -i on those above"))
sys.exit(done.returncode)
