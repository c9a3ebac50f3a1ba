"""The four diagnostics with the protocol's default thresholds (design 2), from recomputed datasets."""
import numpy as np

EXPLOSION, FLOOR, DRIFT, MARGIN = 50.0, 1e-7, 0.30, 2.0
# t(0.975, n − 1) from a printed table, for the batches that the tests use.
STUDENT = {8: 2.364624, 9: 2.306004, 10: 2.262157, 12: 2.200985, 16: 2.131450}


def median_of_defined(columns):
    """Median per column over the finite values (a zero norm is one of them); NaN of none."""
    result = []
    for column in columns.T:
        usable = column[np.isfinite(column)]
        result.append(np.median(usable) if len(usable) else np.nan)
    return np.array(result)


def scale(hidden):
    """(growth_max, growth_end_to_end, word in `fired` or None)"""
    medians = median_of_defined(hidden)
    growth = medians[1:] / medians[:-1]
    word = None if growth.max() <= EXPLOSION else "a"
    return growth.max(), medians[-1] / medians[0], word if np.isfinite(hidden).all() else "a:non-finite"


def floor(gradient, error):
    """(g_norm_last, cause or None)"""
    column = gradient[:, -1]
    last = median_of_defined(gradient[:, -1:])[0]
    if 2 * np.count_nonzero(~np.isfinite(column)) > len(column):
        return last, "undefined"
    if last >= FLOOR:
        return last, None
    with np.errstate(invalid="ignore", divide="ignore"):
        per_error = column / error  # ‖g‖/128/‖e‖
    usable = per_error[np.isfinite(per_error)]
    return last, "scale" if len(usable) and np.median(usable) < FLOOR else "saturated loss"


def mean_pairwise(cosines):
    upper = cosines[np.triu_indices(len(cosines), 1)]
    return upper.mean()


def drift(cosines):
    """(stability, half interval, fires) of one layer's [batches, batches]; None if fewer than 8 are defined."""
    defined = ~np.isnan(np.diagonal(cosines))
    cosines = cosines[np.ix_(defined, defined)]
    n = len(cosines)
    if n < 8:
        return None
    stability = mean_pairwise(cosines)
    left_out = np.array([mean_pairwise(np.delete(np.delete(cosines, b, 0), b, 1)) for b in range(n)])
    error = np.sqrt((n - 1) / n * ((left_out - left_out.mean()) ** 2).sum())
    return stability, STUDENT[n] * error, not stability <= DRIFT


def useful_blocks(correct, control):
    """(margin in points, half interval, fires); control: the control's `accuracy/correct`, or a fraction."""
    n = len(correct)
    if isinstance(control, float):
        margin = 100 * (correct.mean() - control)
        return margin, 0.0, not margin >= MARGIN
    only_run = np.count_nonzero((correct == 1) & (control == 0))
    only_control = np.count_nonzero((correct == 0) & (control == 1))
    difference = (only_run - only_control) / n
    half = 1.96 * np.sqrt(only_run + only_control - (only_run - only_control) ** 2 / n) / n
    return 100 * difference, 100 * half, not 100 * difference >= MARGIN
