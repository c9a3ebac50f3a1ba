#!/usr/bin/env python3
"""fa-harness of a CUDA build: one file each for libcudart, libcublas and libnccl, and that is the one libtorch_cuda.so
asks for (two NCCLs in one process know nothing of each other). --version names their versions, without a GPU.
Arguments: fa-harness, LibTorch's folder."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

harness, torch = sys.argv.pop(1), pathlib.Path(sys.argv.pop(1))


def loaded(file, library, **environment):
    """What the dynamic loader would load for lib<library>, resolved."""
    lines = subprocess.run(["ldd", file], check=True, capture_output=True, text=True,
                           env={**os.environ, **environment}).stdout.splitlines()
    found = [re.match(rf"\s*lib{library}[-.][^ ]* => (\S+)", line) for line in lines]
    return {str(pathlib.Path(match[1]).resolve()) for match in found if match}


def wheel_version(file, package):
    """Of the wheel that a library came with; None where it came without one."""
    for folder in pathlib.Path(file).parents[3].glob(f"nvidia_{package}*.dist-info"):
        return re.search(r"^Version: (.*)$", (folder / "METADATA").read_text(), re.MULTILINE)[1]
    return None


class CudaLibraries(unittest.TestCase):
    def test_each_is_there_once_and_is_libtorchs(self):
        for library in ("cudart", "cublas", "nccl"):
            ours = loaded(harness, library)
            self.assertEqual(len(ours), 1, library)
            self.assertEqual(ours, loaded(torch / "lib/libtorch_cuda.so", library))

    def test_another_one_in_ld_library_path_is_not_taken(self):
        for library in ("cudart", "cublas", "nccl"):
            ours = loaded(harness, library)
            with tempfile.TemporaryDirectory() as folder:
                shutil.copy(torch / "lib/libc10_cuda.so", pathlib.Path(folder) / pathlib.Path(*ours).name)
                self.assertEqual(loaded(harness, library, LD_LIBRARY_PATH=folder), ours)

    def test_version_names_them(self):
        done = subprocess.run([harness, "--version"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        line = re.search(r"^CUDA (\d+\.\d+), cuBLAS (\S+), NCCL (\S+); kernels for (.+)$", done.stdout, re.MULTILINE)
        self.assertTrue(line, done.stdout)
        for library, package, version in (("cublas", "cublas", line[2]), ("nccl", "nccl", line[3])):
            wheel = wheel_version(*loaded(harness, library), package)
            if wheel:
                self.assertEqual(wheel.split(".")[:3], version.split("."))


if __name__ == "__main__":
    unittest.main()
