"""Every dataset of a run file (design 6), measured again: autograd per definition, plain loops over layers."""
import dataclasses

import numpy as np
import torch

from model import forward, loss_of, slopes
from own_credits import OWN, own_credit
from vectors import cosine, norm, unit

MEAN_LOSS_BATCH = 128.0
CLAMP = 1e-8


@dataclasses.dataclass
class Batch:
    """One batch before any credit: lists are per layer, [N, d] each; all in double."""

    hidden: list
    gradient: list
    error: torch.Tensor
    loss: torch.Tensor
    labels: torch.Tensor
    rule: str  # the credit evaluated
    own: list = None  # a_l of a rule without feedback matrices
    residual: torch.Tensor = None  # of ep
    slopes: list = None  # σ′(z_l) of a plain MLP
    before: bool = False  # its hidden states lie before the activation


def probe(checkpoint, inputs, labels, loss, rule, settings=None):
    logits, hidden = forward(checkpoint, inputs)
    losses = loss_of(logits, labels, loss)
    gradients = torch.autograd.grad(losses.sum(), [logits, *hidden])
    own = own_credit(checkpoint, inputs, labels, loss, rule, settings) if rule in OWN else (None, None)
    return Batch([h.detach() for h in hidden], list(gradients[1:]), gradients[0], losses.detach(), labels, rule, *own,
                 slopes(checkpoint, inputs), checkpoint.metadata.get("hidden_states") == "pre")


def carried_down_slopes(error, feedback, slope, before):
    """fa of a plain MLP: the linear layers' derivatives are replaced, the activations' are kept."""
    signals, above = [], error
    for matrix, own in zip(reversed(feedback), reversed(slope)):
        product = above @ matrix.T
        above = product * own
        signals.insert(0, above if before else product)
    return signals


def carried_down(error, labels, rule, feedback, slope, before):
    """a_l per layer [N, d], in the precision of the error (design 2, "Credit signals"; cross entropy)."""
    if rule == "fa" and slope is not None:
        return carried_down_slopes(error, feedback, slope, before)
    onehot = torch.nn.functional.one_hot(labels, error.shape[1]).to(error)
    source = {"sdfa": 1 - 2 * onehot, "drtp": -onehot}.get(rule, error)
    if rule not in ("fa", "fa_noskip"):
        return [source @ matrix.T for matrix in feedback]
    signals = [source @ feedback[-1].T]
    for matrix in reversed(feedback[:-1]):
        above = signals[0]
        signals.insert(0, above @ matrix.T + (above if rule == "fa" else 0))
    return signals


def credit(batch, feedback):
    return batch.own or carried_down(batch.error, batch.labels, batch.rule, feedback, batch.slopes, batch.before)


def alignments(batch, feedback):
    """Γ and the vector forms of one batch under one set of feedback matrices (design 3)."""
    a, g = credit(batch, feedback), batch.gradient
    layers = range(len(g))
    gamma = torch.stack([cosine(a[l], g[l]) for l in layers], 1)
    batchvec = torch.stack([cosine(a[l].sum(0), g[l].sum(0)) for l in layers])
    flat = torch.stack([cosine(a[l].flatten(), g[l].flatten()) for l in layers])
    return {"gamma": gamma, "batchvec": batchvec, "flat": flat, "concat": cosine(torch.cat(a, 1), torch.cat(g, 1))}


def centred_gamma(batch, feedback):
    columns = []
    for a, g in zip(credit(batch, feedback), batch.gradient):
        length = norm(g)
        defined = torch.isfinite(g).all(1) & (length > 0)
        mean = g[defined].mean(0) if defined.any() else torch.zeros(g.shape[1], dtype=g.dtype)
        centred = torch.where(defined[:, None], g - mean, torch.full_like(g, float("nan")))
        columns.append(cosine(a, centred))
    return torch.stack(columns, 1)


def clamped(batch, feedback, generation):
    """F.cosine_similarity at the mean-loss scale: 'old' is PyTorch ≤ 1.11, 'new' ≥ 1.12."""
    columns = []
    for a, g in zip(credit(batch, feedback), batch.gradient):
        a, g = a / MEAN_LOSS_BATCH, g / MEAN_LOSS_BATCH
        if generation == "new":
            columns.append(torch.nn.functional.cosine_similarity(a, g, dim=1, eps=CLAMP))
        else:
            columns.append((a * g).sum(1) / torch.clamp(norm(a) * norm(g), min=CLAMP))
    return torch.stack(columns, 1)


def cast(g, dtype):
    return g.float().to(dtype).double()


def lost_share(g, dtype):
    """Share of a row's nonzero entries that the cast turns into zero; NaN for rows without or not finite."""
    before = (g != 0).sum(1).double()
    after = ((g != 0) & (cast(g, dtype) == 0)).sum(1).double()
    return torch.where(torch.isfinite(g).all(1), after / before, torch.full_like(before, float("nan")))


def low_precision(batch, feedback, dtype):
    """(Γ, lost) after the cast of g at its mean-loss scale; Γ is None for credit=none."""
    gradients = [g / MEAN_LOSS_BATCH for g in batch.gradient]
    lost = torch.stack([lost_share(g, dtype) for g in gradients], 1)
    if batch.rule == "none":
        return None, lost
    a = credit(batch, feedback)
    return torch.stack([cosine(a[l], cast(g, dtype)) for l, g in enumerate(gradients)], 1), lost


def float32_gamma(checkpoint, inputs, labels, loss, rule, feedback, settings):
    """The usual path: float32 forward, softmax − onehot, backward of the mean loss."""
    logits, hidden = forward(checkpoint, inputs.float())
    target = torch.nn.functional.one_hot(labels, logits.shape[1]).float()
    if loss == "mse":
        error, total = logits - target, 0.5 * ((logits - target) ** 2).sum(1).mean()
    else:
        error, total = torch.softmax(logits, 1) - target, torch.nn.functional.cross_entropy(logits, labels)
    gradients = torch.autograd.grad(total, hidden)
    if rule in OWN:
        signals, _ = own_credit(checkpoint, inputs.float(), labels, loss, rule, settings)
    else:
        signals = carried_down(error.detach(), labels, rule, [b.float() for b in feedback],
                               slopes(checkpoint, inputs.float()), checkpoint.metadata.get("hidden_states") == "pre")
    return torch.stack([cosine(a.double(), g.double()) for a, g in zip(signals, gradients)], 1)


def hidden_overflow(batch):
    columns = []
    for h in batch.hidden:
        share = (h.abs() > 65504).double().mean(1)
        columns.append(torch.where(torch.isfinite(h).all(1), share, torch.full_like(share, float("nan"))))
    return torch.stack(columns, 1)


def norm_minus_one(batch):
    return torch.stack([1.0 / (1.0 / (g / MEAN_LOSS_BATCH).abs()).sum() for g in batch.gradient])


def direction_cosines(batches):
    """[L+1, batches, batches]"""
    layers = len(batches[0].gradient)
    result = np.empty((layers, len(batches), len(batches)))
    for layer in range(layers):
        directions = [unit(batch.gradient[layer].mean(0)) for batch in batches]
        for i, first in enumerate(directions):
            for j, second in enumerate(directions):
                result[layer, i, j] = float((first * second).sum())
    return result


def histogram(gamma):
    """Counts of Γ [..., L+1] in 2048 bins, [L+1, 2048]; bin k is [−1 + k/1024, −1 + (k+1)/1024)."""
    rows = gamma.reshape(-1, gamma.shape[-1])
    counts = np.zeros((rows.shape[1], 2048), dtype=np.uint64)
    for layer in range(rows.shape[1]):
        for value in rows[:, layer][~np.isnan(rows[:, layer])].astype(np.float64):
            counts[layer, min(max(int(np.floor(value * 1024.0)) + 1024, 0), 2047)] += np.uint64(1)
    return counts


def correct(checkpoint, inputs, labels):
    """1 where the first maximum is the label; NaN logits are wrong."""
    logits, _ = forward(checkpoint, inputs)
    logits = logits.detach().numpy()
    result = np.zeros(len(logits), dtype=np.uint8)
    for i, row in enumerate(logits):
        result[i] = not np.isnan(row).any() and int(np.argmax(row)) == int(labels[i])
    return result
