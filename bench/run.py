"""Measures every ratio and prints the table. ./scripts/bench builds what this needs and starts it.

usage: run.py --build DIR [--repeats N] [--full] [--only WORD] [--tiny] [--checkpoints DIR] [--write]
"""
import argparse
import pathlib
import sys

sys.dont_write_bytecode = True

import audits  # noqa: E402
import table  # noqa: E402
import user_loops  # noqa: E402
from timing import Bound, Result, Subjects, pairs  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[1]


def options():
    parser = argparse.ArgumentParser(description="Benchmarks of fa-harness, as ratios.")
    parser.add_argument("--build", type=pathlib.Path, required=True, help="the build folder, with bench_programs in it")
    parser.add_argument("--repeats", type=int, default=9, help="pairs of each ratio (9)")
    parser.add_argument("--full", action="store_true", help="as many pairs of whole audits too (else 3)")
    parser.add_argument("--only", default="", help="groups of lines whose name has this in it (gamma, draws, probe, loops, audit, start)")
    parser.add_argument("--tiny", action="store_true", help="tiny shapes and no audits: shows that everything runs")
    parser.add_argument("--checkpoints", type=pathlib.Path, help="a trained zoo (else it is trained, once)")
    parser.add_argument("--write", action="store_true", help="also write the table to bench/RESULTS.md")
    return parser.parse_args()


class Benchmarks:
    """Every line of the table, in groups that `--only` can choose from."""

    def __init__(self, chosen):
        self.repeats = chosen.repeats
        self.audit_repeats = chosen.repeats if chosen.full else min(3, chosen.repeats)
        self.chosen = chosen
        self.subjects = Subjects(chosen.build / "bench/bin/fa-bench", chosen.tiny)
        self.shapes = user_loops.TINY if chosen.tiny else user_loops.SHAPES

    def groups(self):
        groups = {"gamma": self.gamma, "draws": self.draws, "probe": self.probe, "loops": self.loops}
        if not self.chosen.tiny:
            groups |= {"audit": self.audit, "start": self.start}
        chosen = {name: group for name, group in groups.items() if self.chosen.only in name}
        if not chosen:
            sys.exit(f"--only {self.chosen.only}: the groups are {', '.join(groups)}")
        return chosen

    def ratio(self, text, above, below, bound=None, calls=1):
        return pairs(text, self.subjects.side(*above), self.subjects.side(*below), self.repeats, bound, calls)

    def gamma(self):
        for size, text in (("c10", "S 1024, d 256, C 10, 5 layers, R 200"), ("c100", "S 512, d 768, C 100, 13 layers, R 64")):
            yield self.ratio(f"Γ of all draws (draws given) ÷ the bare products; {text}",
                             (f"gamma_{size}", "ours"), (f"gamma_{size}", "bare"), Bound(1.25))

    def draws(self):
        yield self.ratio("normals of one run ÷ `torch::randn` of as many", ("draws", "ours"), ("draws", "bare"), Bound(1.5), 3)
        yield self.ratio("the same in the engine's layout, with Gram matrices ÷ `torch::randn`", ("draws", "in_blocks"),
                         ("draws", "bare"), None, 3)

    def probe(self):
        yield self.ratio("probe ÷ bare forward and `autograd::grad`", ("probe", "ours"), ("probe", "bare"), Bound(1.15), 10)

    def loops(self):
        problem = user_loops.Problem(self.shapes["c10"])
        stage = self.subjects.side("stage_c10", "ours")

        def of(text, form, below=stage, bound=None):
            return pairs(text, lambda calls: user_loops.seconds(form, calls), below, self.repeats, bound)

        einsum = problem.best_blocks(user_loops.by_einsum)
        yield of("PyTorch's usual loop ÷ Γ stage", problem.usual_loop, bound=Bound(6, least=True))
        yield of("PyTorch, einsum over blocks of draws ÷ Γ stage", einsum, bound=Bound(7, least=True))
        yield of("PyTorch, batched `matmul` ÷ Γ stage", problem.best_blocks(user_loops.by_matmul))
        yield of("PyTorch, our form by hand ÷ Γ stage", problem.best_blocks(user_loops.by_gram))
        complete = self.subjects.side("stage_c10", "with_strategies")
        yield of("PyTorch's usual loop ÷ Γ stage with 14 strategies a draw", problem.usual_loop, complete)
        yield of("PyTorch, einsum over blocks of draws ÷ Γ stage with 14 strategies a draw", einsum, complete)

    def zoo(self):
        return audits.Zoo(self.chosen.build / "bin", ROOT / "examples", self.chosen.build / "bench/audits",
                          self.chosen.checkpoints)

    def audit(self):
        zoo, shares = self.zoo(), []

        def wall(ranks):
            seconds, of_audit = zoo.audit(ranks)
            if ranks == 2:
                shares.append(of_audit)
            return seconds

        yield pairs("12 runs, R 1000: wall on 1 rank ÷ on 2", lambda calls: wall(1), lambda calls: wall(2),
                    self.audit_repeats, Bound(1.75, least=True))
        shares.pop(0)  # the warm-up's
        yield Result("share outside compute in that audit on 2 ranks", [share.outside for share in shares], Bound(0.3))
        for stage in shares[0].of:
            yield Result(f"of which: {stage}" if stage not in audits.COMPUTE else f"inside: {stage}",
                         [share.of[stage] for share in shares])

    def start(self):
        zoo = self.zoo()
        program = self.chosen.build / "bench/bin/bare_torch"
        yield pairs("start-up: `--dry-run` of that manifest ÷ a program that calls LibTorch once", zoo.dry_run,
                    lambda calls: sum(audits.run([program]) for _ in range(calls)), 3 * self.repeats, Bound(1.2))


def main():
    chosen = options()
    machine = table.machine(chosen.build / "bench/bin/fa-bench")
    benchmarks = Benchmarks(chosen)
    print(machine, table.HEADER, sep="\n", flush=True)
    results = []
    for group in benchmarks.groups().values():
        for result in group():
            results.append(result)
            print(table.row(result), flush=True)
    benchmarks.subjects.close()
    if chosen.write:
        words = [f"--repeats {chosen.repeats}"] + [f"--{name}" for name in ("full", "write") if getattr(chosen, name)]
        command = "./scripts/bench " + " ".join(words)
        (ROOT / "bench/RESULTS.md").write_text(table.results_page(results, machine, command))


if __name__ == "__main__":
    main()
