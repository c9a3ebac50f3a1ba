"""Paired timings and what is said of them."""
import dataclasses
import statistics
import subprocess


@dataclasses.dataclass(frozen=True)
class Bound:
    """What a ratio must reach; `least`: at least the limit, else at most."""
    limit: float
    least: bool = False

    def holds(self, ratio):
        return ratio >= self.limit if self.least else ratio <= self.limit

    def __str__(self):
        return f"{'≥' if self.least else '≤'} {self.limit:g}"


@dataclasses.dataclass(frozen=True)
class Result:
    """One line of the table: a ratio per repeat, and the seconds behind it where there are two sides.

    The ratio that counts is the median of the pairs' ratios, not the ratio of the medians: both sides of a pair met the
    machine in the same state.
    """
    text: str
    ratios: list
    bound: Bound | None = None
    above: list = dataclasses.field(default_factory=list)
    below: list = dataclasses.field(default_factory=list)

    @property
    def ratio(self):
        return statistics.median(self.ratios)

    @property
    def verdict(self):
        if self.bound is None:
            return "–"
        return f"{self.bound}: {'yes' if self.bound.holds(self.ratio) else '**no**'}"


def pairs(text, above, below, repeats, bound=None, calls=1):
    """Times `above(calls)` and `below(calls)` (seconds each) alternately, the order turned around each time."""
    above(calls), below(calls)  # warm: pages, caches, code
    seconds = {above: [], below: []}
    for repeat in range(repeats):
        for side in (above, below) if repeat % 2 else (below, above):
            seconds[side].append(side(calls) / calls)
    ratios = [a / b for a, b in zip(seconds[above], seconds[below])]
    return Result(text, ratios, bound, seconds[above], seconds[below])


class Subjects:
    """The process fa-bench, which times the C++ sides."""

    def __init__(self, program, tiny):
        self.process = subprocess.Popen([program, *(["--tiny"] if tiny else [])], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def side(self, benchmark, side):
        """A function of a number of calls that returns their seconds."""
        def timed(calls):
            print(benchmark, side, calls, file=self.process.stdin, flush=True)
            answer = self.process.stdout.readline()
            if not answer:
                raise RuntimeError(f"fa-bench ended with {self.process.wait()} when asked for {benchmark} {side}")
            return float(answer)
        return timed

    def close(self):
        self.process.stdin.close()
        self.process.wait()
