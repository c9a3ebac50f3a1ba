#!/usr/bin/env python3
"""Which nvcc ./scripts/setup --cuda takes, and what it says of one that doesn't fit LibTorch. Argument: the checkout."""
import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

root = sys.argv.pop(1)


class FindNvcc(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def nvcc(self, name, release):
        """A program that says what nvcc --version says."""
        path = pathlib.Path(self.folder.name) / name
        path.write_text(f"#!/bin/sh\necho 'Cuda compilation tools, release {release}, V{release}.1'\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    def find(self, **environment):
        """fa_find_nvcc with a LibTorch of CUDA 13."""
        script = (f"set -euo pipefail; FA_ROOT={root}; . {root}/scripts/lib/setup.sh; fa_cuda_major_of_torch() {{ echo 13; }}; "
                  "fa_find_nvcc /libtorch; echo \"found $fa_nvcc\"")
        return subprocess.run(["bash", "-c", script], env={"PATH": "/usr/bin:/bin", "HOME": self.folder.name, **environment},
                              capture_output=True, text=True)

    def test_fa_nvcc_comes_before_cudacxx_and_that_before_the_path(self):
        ours, cudacxx, in_path = self.nvcc("ours", "13.2"), self.nvcc("cudacxx", "13.1"), self.nvcc("nvcc", "13.0")
        path = f"{self.folder.name}:/usr/bin:/bin"
        for wanted, environment in ((ours, {"FA_NVCC": ours, "CUDACXX": cudacxx}), (cudacxx, {"CUDACXX": cudacxx}), (in_path, {})):
            done = self.find(PATH=path, **environment)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"found {wanted}\n", done.stdout)

    def test_another_major_version_is_refused(self):
        done = self.find(FA_NVCC=self.nvcc("nvcc", "12.4"))
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("is of CUDA 12.4, but this LibTorch was built with CUDA 13", done.stderr)

    def test_what_is_no_program_is_refused(self):
        done = self.find(FA_NVCC="/nowhere/nvcc")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/nowhere/nvcc (FA_NVCC or CUDACXX) is no program", done.stderr)


if __name__ == "__main__":
    unittest.main()
