"""The 14 default aggregation strategies (design 3), each written out by hand: no parser, no shared code."""
import numpy as np


def iqm(values):
    """Mean of what is left after dropping ⌊n/4⌋ at each end."""
    values = np.sort(values)
    cut = len(values) // 4
    return values[cut:len(values) - cut].mean()


def defined(reducer, values):
    """A reducer over the defined values; NaN of none."""
    values = values[~np.isnan(values)]
    return reducer(values) if len(values) else np.nan


def along(reducer, array, axis):
    return np.apply_along_axis(lambda values: defined(reducer, values), axis, array)


def over_layers(reducer, columns):
    """A reducer over layers of [L+1]: N/A where a layer is undefined."""
    return np.nan if np.isnan(columns).any() else reducer(columns)


def layers_first(reducer, gamma, then):
    """Layers of each sample, then the samples: N/A where a layer is wholly undefined."""
    if np.isnan(gamma).all(0).any():
        return np.nan
    return defined(then, along(reducer, gamma, 1))


def evaluate(gamma, batchvec, flat, concat):
    """{text: value} of Γ [batches, N, L+1], batchvec and flat [batches, L+1], concat [S]."""
    pooled = gamma.reshape(-1, gamma.shape[-1])
    mean, median = along(np.mean, pooled, 0), along(np.median, pooled, 0)
    angles = along(np.mean, np.arccos(np.clip(pooled, -1.0, 1.0)), 0)
    return {
        "pooled=mean,layers=mean": over_layers(np.mean, mean),
        "pooled=mean,layers=median": over_layers(np.median, mean),
        "pooled=median,layers=mean": over_layers(np.mean, median),
        "pooled=median,layers=median": over_layers(np.median, median),
        "layers=mean,pooled=median": layers_first(np.mean, pooled, np.median),
        "layers=median,pooled=mean": layers_first(np.median, pooled, np.mean),
        "samples=mean,batches=median,layers=mean":
            over_layers(np.mean, along(np.median, along(np.mean, gamma, 1), 0)),
        "samples=median,batches=mean,layers=mean":
            over_layers(np.mean, along(np.mean, along(np.median, gamma, 1), 0)),
        "pooled=iqm,layers=mean": over_layers(np.mean, along(iqm, pooled, 0)),
        "batchvec,batches=mean,layers=mean": over_layers(np.mean, along(np.mean, batchvec, 0)),
        "flat,batches=mean,layers=mean": over_layers(np.mean, along(np.mean, flat, 0)),
        "concat,pooled=mean": defined(np.mean, concat),
        "angle,layers=mean": over_layers(np.mean, np.cos(angles)),
        "pooled=mean,blocks=mean": over_layers(np.mean, mean[1:]),
    }


def evaluate_datasets(data, batches):
    """(train, fresh): {text: value} or None, and {text: values [R]} (R = 0 without fresh draws), from datasets named
    as in a run file."""
    def shaped(gamma):
        return gamma.reshape(batches, -1, gamma.shape[-1])

    train = None
    if "gamma/train" in data:
        train = evaluate(shaped(data["gamma/train"]), data["gamma/batchvec_train"], data["gamma/flat_train"],
                         data["gamma/concat_train"])
    if "gamma/fresh" not in data:
        return train, {text: np.empty(0) for text in train}
    per_draw = [evaluate(shaped(data["gamma/fresh"][r].astype(np.float64)),
                         *(data[f"gamma/{form}_fresh"][r].astype(np.float64) for form in ("batchvec", "flat", "concat")))
                for r in range(len(data["gamma/fresh"]))]
    return train, {text: np.array([values[text] for values in per_draw]) for text in per_draw[0]}
