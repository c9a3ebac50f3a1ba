#!/usr/bin/env python3
"""shellcheck has no warning about scripts/. Exits with 77 (skipped) where it is not installed."""
import pathlib
import shutil
import subprocess
import sys

if not shutil.which("shellcheck"):
    sys.exit(77)

root = pathlib.Path(sys.argv[1])
scripts = [path for path in sorted((root / "scripts").iterdir()) if path.is_file()]
# SC2154: fa_test_python and its like are set by functions of scripts/lib.
done = subprocess.run(["shellcheck", "--external-sources", "--severity=warning", "--exclude=SC2154", *scripts], cwd=root)
print(f"{len(scripts)} scripts")
sys.exit(done.returncode)
