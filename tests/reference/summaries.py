"""Statistics of fresh draws (design 3, "Statistics")."""
import numpy as np


def quantile(values, probability):
    """Type 7: linear between order statistics."""
    values = np.sort(values)
    position = probability * (len(values) - 1)
    below = int(np.floor(position))
    above = min(below + 1, len(values) - 1)
    return values[below] + (position - below) * (values[above] - values[below])


def against_fresh(train, fresh):
    """The columns fresh_mean … p of a table's row; train may be None."""
    fresh = fresh[~np.isnan(fresh)]
    nothing = float("nan")
    if len(fresh) == 0:
        return dict.fromkeys(("fresh_mean", "fresh_std", "fresh_q025", "fresh_q500", "fresh_q975", "z", "p"), nothing)
    mean = fresh.mean()
    std = fresh.std(ddof=1) if len(fresh) > 1 else nothing
    known = train is not None and not np.isnan(train)
    return {
        "fresh_mean": mean,
        "fresh_std": std,
        "fresh_q025": quantile(fresh, 0.025),
        "fresh_q500": quantile(fresh, 0.5),
        "fresh_q975": quantile(fresh, 0.975),
        "z": (train - mean) / std if known else nothing,
        "p": (1 + np.count_nonzero(np.abs(fresh) >= abs(train))) / (1 + len(fresh)) if known else nothing,
    }


def p_over_layers(train, fresh):
    """p of the maximum |z| over layers; train [L+1], fresh [R, L+1], all defined."""
    mean, std = fresh.mean(0), fresh.std(0, ddof=1)
    observed = np.abs((train - mean) / std).max()
    maxima = np.abs((fresh - mean) / std).max(1)
    return (1 + np.count_nonzero(maxima >= observed)) / (1 + len(maxima))


def spread(values):
    """min, max, ratio, sign_flips over strategies; NaN where N/A."""
    values = np.array([value for value in values if not np.isnan(value)])
    nothing = float("nan")
    if len(values) == 0:
        return {"min": nothing, "max": nothing, "ratio": nothing, "sign_flips": nothing}
    positive, negative = np.count_nonzero(values > 0), np.count_nonzero(values < 0)
    one_sign = len(values) in (positive, negative)
    return {
        "min": values.min(),
        "max": values.max(),
        "ratio": np.abs(values).max() / np.abs(values).min() if one_sign else nothing,
        "sign_flips": min(positive, negative),
    }
