"""usage: smoke_test.py SOURCES BUILD. What bench/run.py needs still works; no time is judged."""
import pathlib
import subprocess
import sys
import unittest

import torch
import torch.nn.functional as F

SOURCES, BUILD = map(pathlib.Path, sys.argv[1:])
sys.path.insert(0, str(SOURCES / "bench"))
sys.dont_write_bytecode = True

import timing  # noqa: E402
import user_loops  # noqa: E402


class Benchmarks(unittest.TestCase):
    def test_every_line_without_audits_is_printed(self):
        done = subprocess.run([sys.executable, SOURCES / "bench/run.py", "--build", BUILD, "--tiny", "--repeats", "1"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        for line in ("C 10,", "C 100,", "normals of one run", "with Gram matrices", "probe ÷", "usual loop ÷ Γ stage |",
                     "einsum over blocks of draws ÷ Γ stage |", "`matmul`", "by hand", "usual loop ÷ Γ stage with 14",
                     "einsum over blocks of draws ÷ Γ stage with 14"):
            self.assertEqual(sum(line in row for row in done.stdout.splitlines()), 1, f"{line}: {done.stdout}")

    def test_an_unknown_benchmark_is_named(self):
        subjects = timing.Subjects(BUILD / "bench/bin/fa-bench", tiny=True)
        with self.assertRaisesRegex(RuntimeError, "nothing ours"):
            subjects.side("nothing", "ours")(1)


class UserLoops(unittest.TestCase):
    def test_every_form_computes_the_cosine(self):
        torch.manual_seed(3)
        e, g = F.normalize(torch.randn(7, 4), dim=1), F.normalize(torch.randn(7, 24), dim=1)
        feedback = torch.randn(5, 24, 4)
        wanted = torch.stack([F.cosine_similarity(e @ one.T, g, dim=1) for one in feedback])
        for form in (user_loops.by_einsum, user_loops.by_matmul, user_loops.by_gram):
            torch.testing.assert_close(form(e, g, feedback), wanted, atol=1e-6, rtol=0, msg=form.__name__)

    def test_blocks_that_do_not_divide_the_draws_fill_every_value(self):
        problem = user_loops.Problem(user_loops.TINY["c10"])
        problem.empty_gamma = lambda: torch.full((11, 2, 32), torch.nan)
        for gamma in (problem.usual_loop(), problem.in_blocks(user_loops.by_matmul, 4, 16)):
            self.assertFalse(gamma.isnan().any())


class Pairs(unittest.TestCase):
    def test_the_ratio_is_the_median_of_the_pairs_ratios(self):
        above, below = iter([0, 2, 9, 40]), iter([0, 1, 3, 10])
        result = timing.pairs("", lambda calls: next(above), lambda calls: next(below), 3, timing.Bound(3))
        self.assertEqual(result.ratios, [2, 3, 4])
        self.assertEqual(result.ratio, 3)
        self.assertIn("yes", result.verdict)
        self.assertIn("no", timing.Result("", [3.1], timing.Bound(3)).verdict)
        self.assertIn("no", timing.Result("", [5.9], timing.Bound(6, least=True)).verdict)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
