"""Norms and cosines in double that neither underflow nor clamp; NaN is "undefined"."""
import torch


def norm(rows):
    """‖row‖ of [..., d], scaled by the largest entry first."""
    largest = rows.abs().amax(-1)
    usable = torch.where((largest > 0) & torch.isfinite(largest), largest, torch.ones_like(largest))
    return torch.sqrt(((rows / usable[..., None]) ** 2).sum(-1)) * usable


def unit(rows):
    """row/‖row‖; NaN where the row is zero or not finite."""
    length = norm(rows)
    bad = ~torch.isfinite(rows).all(-1) | (length == 0) | ~torch.isfinite(length)
    largest = rows.abs().amax(-1, keepdim=True)
    scaled = rows / torch.where(bad[..., None], torch.ones_like(largest), largest)
    result = scaled / torch.sqrt((scaled**2).sum(-1, keepdim=True))
    return torch.where(bad[..., None], torch.full_like(result, float("nan")), result)


def cosine(first, second):
    """Cosine of rows, NaN where one is zero or not finite."""
    return (unit(first) * unit(second)).sum(-1)
