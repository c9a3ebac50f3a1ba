"""Γ of fresh feedback as PyTorch users write it: one thread, float32, every value kept, the draws made inside."""
import dataclasses
import time

import torch
import torch.nn.functional as F


@dataclasses.dataclass(frozen=True)
class Shape:
    """As bench/gamma.cpp's."""
    samples: int
    batch_size: int
    width: int
    classes: int
    layers: int
    draws: int


SHAPES = {
    "c10": Shape(1024, 128, 256, 10, 5, 200),
    "c100": Shape(512, 128, 768, 100, 13, 64),
}
TINY = {
    "c10": Shape(32, 16, 24, 4, 2, 11),
    "c100": Shape(32, 16, 48, 20, 2, 5),
}


class Problem:
    """Gradients g and errors e of an evaluation set, [S, d] per layer and [S, C]."""

    def __init__(self, shape):
        torch.set_num_threads(1)
        torch.manual_seed(1)
        self.shape = shape
        self.gradients = [torch.randn(shape.samples, shape.width) for _ in range(shape.layers)]
        labels = torch.randint(shape.classes, (shape.samples,))
        self.errors = torch.randn(shape.samples, shape.classes).softmax(1) - F.one_hot(labels, shape.classes)
        self.scale = shape.classes**-0.5

    def empty_gamma(self):
        return torch.empty(self.shape.draws, self.shape.layers, self.shape.samples)

    def usual_loop(self):
        """Per draw, layer and batch."""
        size = self.shape.batch_size
        gamma = self.empty_gamma()
        for draw in range(self.shape.draws):
            for layer, gradients in enumerate(self.gradients):
                feedback = torch.randn(self.shape.width, self.shape.classes) * self.scale
                for first in range(0, self.shape.samples, size):
                    e, g = self.errors[first:first + size], gradients[first:first + size]
                    gamma[draw, layer, first:first + size] = F.cosine_similarity(e @ feedback.T, g, dim=1)
        return gamma

    def in_blocks(self, form, draws_at_once, samples_at_once):
        """Blocks of draws and samples; ĝ and ê are normalised once.

        @param form  (ê [n, C], ĝ [n, d], feedback [r, d, C]) → Γ [r, n]
        """
        gamma = self.empty_gamma()
        e = F.normalize(self.errors, dim=1)
        for layer, gradients in enumerate(self.gradients):
            g = F.normalize(gradients, dim=1)
            for draw in range(0, self.shape.draws, draws_at_once):
                block = min(draws_at_once, self.shape.draws - draw)
                feedback = torch.randn(block, self.shape.width, self.shape.classes) * self.scale
                for first in range(0, self.shape.samples, samples_at_once):
                    rows = slice(first, first + samples_at_once)
                    gamma[draw:draw + block, layer, rows] = form(e[rows], g[rows], feedback)
        return gamma

    def best_blocks(self, form):
        """`in_blocks` with the fastest few (draws, samples) at once on this machine."""
        candidates = [(draws, samples) for draws in (1, 2, 4, 8, 25, 50)
                      for samples in (self.shape.batch_size, self.shape.samples)]
        best = min(candidates, key=lambda size: min(seconds(lambda: self.in_blocks(form, *size), 1) for _ in range(2)))
        return lambda: self.in_blocks(form, *best)


def by_einsum(e, g, feedback):
    credit = torch.einsum("nc,rdc->rnd", e, feedback)
    return torch.einsum("rnd,nd->rn", credit, g) / torch.linalg.vector_norm(credit, dim=2)


def by_matmul(e, g, feedback):
    """What profiling the above leads to."""
    credit = e @ feedback.transpose(1, 2)
    return (credit * g).sum(2) / torch.linalg.vector_norm(credit, dim=2)


def by_gram(e, g, feedback):
    """The engine's own form (design: one product for all draws, norms from BᵀB) as plain PyTorch; no fallback where B
    nearly cancels e, no vector forms."""
    draws, width, classes = feedback.shape
    products = (g @ feedback.permute(1, 0, 2).reshape(width, -1)).view(len(g), draws, classes)
    gram = (feedback.transpose(1, 2) @ feedback).reshape(draws, -1)
    squares = (e.unsqueeze(2) * e.unsqueeze(1)).view(len(e), -1) @ gram.T
    return (torch.einsum("nrc,nc->nr", products, e) / squares.sqrt()).T


def seconds(function, calls):
    start = time.perf_counter()
    with torch.no_grad():
        for _ in range(calls):
            function()
    return time.perf_counter() - start
