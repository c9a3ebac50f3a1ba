"""The README's way from a module of one's own to a verdict, as it is written there."""
import os
import pathlib
import re
import subprocess
import sys
import unittest

import h5py
import torch

from system_case import TESTS, SystemCase


def blocks_of(heading):
    """The fenced blocks of a section: [(language, text)]."""
    section = (TESTS.parent / "README.md").read_text().split(f"### {heading}\n")[1].split("\n### ")[0]
    return re.findall(r"```(\w*)\n(.*?)```", section, re.DOTALL)


class OwnNetwork(SystemCase):
    def write_zoo(self):
        """The README brings its own."""

    def test_the_readme_s_way_ends_in_a_verdict(self):
        (language, code), (_, manifest), (_, command) = blocks_of("Your own network")
        self.assertEqual(language, "python")
        subprocess.run([sys.executable, "-c", code], cwd=self.folder, check=True, timeout=120,
                       env=os.environ | {"PYTHONPATH": str(TESTS.parent / "python")})
        (self.folder / "own.txt").write_text(manifest)
        program, *arguments = command.split()
        self.assertEqual(pathlib.PurePath(program).name, "fa-harness")
        done = self.programs.run("fa-harness", *arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"dfa-s0 .*0\.310 .*(trustworthy|needs walk-back)")
        self.assert_gamma_of_the_code(code, self.folder / "own-audit/runs/dfa-s0.h5")

    def assert_gamma_of_the_code(self, code, run_file):
        """Γ_train by PyTorch, of the very variables that the README's code leaves behind."""
        sys.path.insert(0, str(TESTS.parent / "python"))
        here, variables = os.getcwd(), {}
        os.chdir(self.folder)
        try:
            exec(code, variables)  # noqa: S102
        finally:
            os.chdir(here)
        model, matrices = variables["model"].double(), variables["Bs"]
        with h5py.File(run_file) as file:
            index = file["samples/index"][:]
            x, y = variables["x"][index].double().requires_grad_(), variables["y"][index]
            logits, hidden = model(x, return_hidden=True)
            gradients = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, y, reduction="sum"), hidden)
            error = (logits.softmax(1) - torch.nn.functional.one_hot(y, 5)).detach()
            for l, (matrix, g) in enumerate(zip(matrices, gradients)):
                wanted = torch.nn.functional.cosine_similarity(error @ matrix.double().t(), g, dim=1)
                self.assertLess((torch.from_numpy(file["gamma/train"][:, l]) - wanted).abs().max().item(), 1e-9)


if __name__ == "__main__":
    unittest.main()
