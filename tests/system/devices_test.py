"""Where ranks compute, as far as it shows on machines without a GPU (those that have one don't see it here)."""
import json
import os
import unittest
from unittest import mock

from system_case import SystemCase


class Devices(SystemCase):
    def setUp(self):
        super().setUp()
        hidden = mock.patch.dict(os.environ, {"CUDA_VISIBLE_DEVICES": ""})
        hidden.start()
        self.addCleanup(hidden.stop)

    def test_cuda_without_a_gpu_ends_with_2_and_says_why_once(self):
        for ranks, arguments in ((0, ()), (2, ()), (0, ("--dry-run",)), (2, ("--dry-run",))):
            with self.subTest(ranks=ranks, arguments=arguments):
                done = self.programs.run("fa-harness", "--manifest", self.manifest, "--output", self.folder / "none", "--device", "cuda",
                                         *arguments, ranks=ranks)
                self.assertEqual(done.returncode, 2, done.stderr)
                lines = [line for line in done.stderr.splitlines() if line.startswith("fa-harness: --device cuda: rank 0 on host ")]
                self.assertEqual(len(lines), 1, done.stderr)
                self.assertRegex(lines[0], r" has no GPU to compute on: .+; --device cpu audits without$")
                self.assertFalse((self.folder / "none").exists())

    def test_a_plan_says_where_ranks_compute_if_they_may_on_gpus(self):
        cuda = "NCCL, CUDA: not in this build" not in self.programs.run("fa-harness", "--version").stdout
        for ranks, arguments, told in ((0, (), cuda), (2, (), cuda), (2, ("--device", "cpu"), False), (0, ("--ranks", "4"), False),
                                       (0, ("--ranks", "4", "--device", "cuda"), False)):
            with self.subTest(ranks=ranks, arguments=arguments):
                done = self.programs.run("fa-harness", "--manifest", self.manifest, "--dry-run", *arguments, ranks=ranks)
                self.assertEqual(done.returncode, 0, done.stderr)
                lines = [line for line in done.stdout.splitlines() if line.startswith("  device")]
                self.assertEqual(len(lines), told, done.stdout)
                for line in lines:
                    self.assertRegex(line, "^  device  CPU: rank 0 on host .+ has no GPU to compute on: .+$")

    def test_another_word_ends_with_2(self):
        done = self.programs.run("fa-harness", "--manifest", self.manifest, "--device", "gpu")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("auto, cpu and cuda", done.stderr)

    def test_without_a_gpu_auto_is_the_cpu(self):
        chosen, _ = self.audit("chosen", "--device", "cpu")
        found, _ = self.audit("found", ranks=2)
        self.assert_same_runs(found, chosen)
        for store in (chosen, found):
            lines = [json.loads(line) for line in (store / "provenance.jsonl").read_text().splitlines()]
            measured = [line for line in lines if line["event"] == "measured"]
            self.assertEqual({line["device"] for line in measured}, {"CPU"})
            self.assertTrue(all("LibTorch" in line["machine_kind"] for line in measured))


if __name__ == "__main__":
    unittest.main()
