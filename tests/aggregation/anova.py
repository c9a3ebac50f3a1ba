"""Analysis of variance of a balanced, crossed and nested table, in numpy: the reference of tables/variance.csv."""
import itertools
import math
import statistics

import numpy as np


def lower_gamma(a, x):
    """The regularised incomplete gamma function by its series."""
    term = total = 1 / a
    n = a
    while term > total * 1e-17:
        n += 1
        term *= x / n
        total += term
    return total * math.exp(a * math.log(x) - x - math.lgamma(a))


def chi_square(uniform, freedom):
    if freedom >= 100:  # Wilson and Hilferty
        part = 2 / (9 * freedom)
        return freedom * (1 - part + statistics.NormalDist().inv_cdf(uniform) * math.sqrt(part)) ** 3
    low, high = 0.0, 1000.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if lower_gamma(freedom / 2, middle / 2) < uniform else (low, middle)
    return middle


class Anova:
    """Mean squares of a balanced table y[seed, draw, batch, sample] by projections, and what follows from them."""
    NAMES = ("seed", "draw", "batch", "sample")

    def __init__(self, y):
        """Axes of length 1 are no factors."""
        self.y, self.sizes = y, y.shape
        factors = [axis for axis in range(4) if y.shape[axis] > 1]
        self.terms = []  # sets of axes; a sample comes with its batch
        for size in range(1, len(factors) + 1):
            for term in itertools.combinations(factors, size):
                if 3 not in term or 2 in term or y.shape[2] == 1:
                    self.terms.append(frozenset(term))
        self.freedom = {term: self.degrees(term) for term in self.terms}
        self.squares = {term: (self.effect(term) ** 2).sum() / self.freedom[term] for term in self.terms}

    def degrees(self, term):
        seeds, draws, batches, samples = self.sizes
        place = batches * (samples - 1) if 3 in term else batches - 1 if 2 in term else 1
        return place * (seeds - 1 if 0 in term else 1) * (draws - 1 if 1 in term else 1)

    def effect(self, term):
        """y less its mean along the term's crossed factors, averaged over the others; a nested sample less its batch."""
        y = self.y
        y = y - y.mean(0, keepdims=True) if 0 in term else np.broadcast_to(y.mean(0, keepdims=True), y.shape)
        y = y - y.mean(1, keepdims=True) if 1 in term else np.broadcast_to(y.mean(1, keepdims=True), y.shape)
        if 3 in term:
            return y - y.mean(3, keepdims=True)
        y = np.broadcast_to(y.mean(3, keepdims=True), y.shape)
        return y - y.mean(2, keepdims=True) if 2 in term else np.broadcast_to(y.mean(2, keepdims=True), y.shape)

    def name(self, term):
        return " × ".join(self.NAMES[axis] for axis in sorted(term) if axis != 2 or 3 not in term)

    def repeats(self, term):
        """Values that share one effect of this term."""
        return np.prod([self.sizes[axis] for axis in range(4) if axis not in term])

    def components(self, squares):
        """From the term with the most factors down: a mean square less the larger terms' part of its expectation."""
        variances = {}
        for term in sorted(self.terms, key=len, reverse=True):
            above = sum(self.repeats(larger) * variances[larger] for larger in self.terms if term < larger)
            variances[term] = (squares[term] - above) / self.repeats(term)
        return variances

    def shares(self, variances):
        return {term: min(max(value / sum(variances.values()), 0.0), 1.0) for term, value in variances.items()}

    def levels(self, term):
        return np.prod([self.sizes[axis] for axis in term])
