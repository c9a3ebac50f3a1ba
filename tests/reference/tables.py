"""The rows that DIR/tables/*.csv should hold for one run, from recomputed datasets."""
import numpy as np

from strategies import along, evaluate_datasets
from summaries import against_fresh, p_over_layers, spread
from verdicts import drift, floor, mean_pairwise, median_of_defined, scale, useful_blocks

NOTHING = float("nan")


def fresh_layer_means(data):
    """Pooled mean Γ per draw and layer, [R, L+1]."""
    return np.stack([along(np.mean, draw.astype(np.float64), 0) for draw in data["gamma/fresh"]])


def stability_of(cosines):
    defined = ~np.isnan(np.diagonal(cosines))
    return mean_pairwise(cosines[np.ix_(defined, defined)]) if defined.sum() >= 8 else NOTHING


def layer_rows(data):
    hidden, gradient = (median_of_defined(data[f"norms/{name}"]) for name in ("hidden", "gradient"))
    fresh = fresh_layer_means(data) if "gamma/fresh" in data else None
    train = along(np.mean, data["gamma/train"], 0) if "gamma/train" in data else None
    rows = []
    for layer in range(len(hidden)):
        row = {"layer": layer, "h_norm": hidden[layer], "g_norm": gradient[layer],
               "stability": stability_of(data["direction/cosine"][layer])}
        if train is not None:
            row |= {"gamma_train": train[layer], "undefined": np.isnan(data["gamma/train"][:, layer]).sum()}
        if fresh is not None:
            row |= against_fresh(None if train is None else train[layer], fresh[:, layer])
        rows.append(row)
    return rows


def strategy_rows(data, batches):
    train, fresh = evaluate_datasets(data, batches)
    return [{"strategy": text, "gamma_train": NOTHING if train is None else train[text]}
            | against_fresh(None if train is None else train[text], fresh[text]) for text in fresh]


def spread_rows(rows):
    result = []
    if not all(np.isnan(row["fresh_mean"]) for row in rows):
        result.append({"source": "fresh"} | spread([row["fresh_mean"] for row in rows]))
    if not all(np.isnan(row["gamma_train"]) for row in rows):
        result.append({"source": "train"} | spread([row["gamma_train"] for row in rows]))
    return result


def run_row(data, control):
    """control: None, a fraction, or the control's `accuracy/correct`."""
    growth_max, end_to_end, a = scale(data["norms/hidden"])
    last, cause = floor(data["norms/gradient"], data["norms/error"])
    middle = data["direction/cosine"][(data["norms/hidden"].shape[1] - 1) // 2]
    fired, marginal, not_run = ([a] if a else []), set(), set()
    if cause:
        fired.append(f"b:{cause}")
    row = {"accuracy": data["accuracy/correct"].mean(), "growth_max": growth_max, "growth_end_to_end": end_to_end,
           "g_norm_last": last, "stability": NOTHING, "margin_pp": NOTHING, "frozen_accuracy": NOTHING}
    found = drift(middle)
    if found is None:
        not_run.add("c")
    else:
        row["stability"], half, fires = found
        fired += ["c"] if fires else []
        marginal |= {"c"} if abs(row["stability"] - 0.30) <= half else set()
    if control is None:
        not_run.add("d")
    else:
        row["frozen_accuracy"] = float(np.mean(control))
        row["margin_pp"], half, fires = useful_blocks(data["accuracy/correct"], control)
        fired += ["d"] if fires else []
        marginal |= {"d"} if abs(row["margin_pp"] - 2.0) <= half and half > 0 else set()
    if "gamma/train" in data and "gamma/fresh" in data and not np.isnan(data["gamma/train"]).all(0).any():
        row["p_max_layer"] = p_over_layers(along(np.mean, data["gamma/train"], 0), fresh_layer_means(data))
    return row | {"fired": fired, "marginal": marginal, "not_run": not_run}
