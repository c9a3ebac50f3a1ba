"""What fa-report should print of a store, recomputed by h5py and numpy."""
import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "aggregation"))
from reference_test import NOTHING, Run, against_fresh, defined  # noqa: E402

FIRST = "pooled=mean,layers=mean"


def mean(values):
    values = defined(np.asarray(values, dtype=float))
    return values.mean() if len(values) else NOTHING


def std(values):
    values = defined(np.asarray(values, dtype=float))
    return values.std(ddof=1) if len(values) > 1 else NOTHING


def p_over_layers(layers):
    """layers: (Γ_train, its draws) of each; design 3's maximum |z|."""
    pairs = [(train, draws) for train, draws in layers if not math.isnan(train) and len(defined(draws))]
    if not pairs:
        return NOTHING
    own = max(abs(train - draws.mean()) / draws.std(ddof=1) for train, draws in pairs)
    maxima = np.max([np.abs(draws - draws.mean()) / draws.std(ddof=1) for _, draws in pairs], axis=0)
    return (1 + (maxima >= own).sum()) / (1 + len(maxima))


class Recomputed:
    """(table, run or group, layer or strategy or "") → column → value, of what is recomputed here."""

    def __init__(self, store, runs, frozen_accuracy, groups):
        self.of = {}
        self.runs = {name: Run(store / "runs" / f"{name}.h5") for name in runs}
        for name, run in self.runs.items():
            self.add_run(name, run, frozen_accuracy[name])
        for group, members in groups.items():
            self.add_group(group, members)

    def add_run(self, name, run, frozen):
        data, layers = run.data, int(run.attributes["depth"]) + 1
        values = [run.layer_values(layer) for layer in range(layers)]
        medians = np.median(data["norms/hidden"], axis=0)
        correct = data["accuracy/correct"].astype(float).mean()
        stability = []
        for layer, (train, draws) in enumerate(values):
            cosines = data["direction/cosine"][layer]
            stability.append(cosines[np.triu_indices(len(cosines), 1)].mean())
            row = {"h_norm": medians[layer], "g_norm": np.median(data["norms/gradient"][:, layer]),
                   "stability": stability[layer], "gamma_train": train} | against_fresh(train, draws)
            if "gamma/train" in data:
                row["undefined"] = np.isnan(data["gamma/train"][:, layer]).sum()
            self.of["layers", name, str(layer)] = row
            self.of["pitfalls", name, str(layer)] = self.pitfalls(data, layer, train, draws)
        self.of["runs", name, ""] = {
            "accuracy": correct, "frozen_accuracy": frozen, "margin_pp": 100 * (correct - frozen),
            "growth_max": (medians[1:] / medians[:-1]).max(), "growth_end_to_end": medians[-1] / medians[0],
            "g_norm_last": np.median(data["norms/gradient"][:, -1]), "stability": stability[(layers - 1) // 2],
            "p_max_layer": p_over_layers(values)}
        if run.attributes["credit"] == "none":
            return
        train, draws = run.values(FIRST)
        if run.attributes["keep"] == "samples":
            self.of["strategies", name, FIRST] = {"gamma_train": train} | against_fresh(train, draws)
        absolute = [abs(train) for train, _ in values]
        self.of["overview", name, ""] = {"gamma_train": train, "p_max_layer": p_over_layers(values),
                                         "layer_0_share": absolute[0] / sum(absolute),
                                         "blocks_only": np.mean([train for train, _ in values[1:]])}

    @staticmethod
    def pitfalls(data, layer, train, draws):
        def column(name):
            return data[f"pitfalls/{name}"][:, layer] if f"pitfalls/{name}" in data else np.array([])

        def rows_lost(name):
            lost = defined(column(name))
            return (lost == 1).mean() if len(lost) else NOTHING

        centered = data["gamma/centered_train"][:, layer] if "gamma/centered_train" in data else []
        first = NOTHING if math.isnan(train) and not len(draws) else draws[0] if math.isnan(train) and "gamma/train" not in data else train
        return {"gamma": first, "centered_gamma": mean(centered), "gradient_norm": np.median(data["norms/gradient"][:, layer]),
                "norm_minus_one": np.median(column("norm_minus_one")), "fp16_rows_lost": rows_lost("fp16_lost"),
                "bf16_rows_lost": rows_lost("bf16_lost"), "fp16_entries_lost": mean(column("fp16_lost")),
                "bf16_entries_lost": mean(column("bf16_lost"))} | {
                    name: mean(column(name)) for name in ("clamped_old", "clamped_new", "float32_gamma", "fp16_gamma",
                                                          "bf16_gamma", "fp16_hidden_overflow")}

    def add_group(self, group, members):
        runs = [self.runs[name] for name in members]
        values = [run.values(FIRST) for run in runs]
        trains, fresh = [train for train, _ in values], [mean(draws) for _, draws in values]
        self.of["groups", group, FIRST] = {"n": len(runs), "train_mean": mean(trains), "train_std": std(trains),
                                           "fresh_mean": mean(fresh), "fresh_std": std(fresh),
                                           "train_n": len(defined(np.array(trains))), "fresh_n": len(defined(np.array(fresh)))}
        for layer in range(int(runs[0].attributes["depth"]) + 1):
            of_layer = [self.of["layers", name, str(layer)] for name in members]
            self.of["group_layers", group, str(layer)] = {
                "h_norm": mean([row["h_norm"] for row in of_layer]), "g_norm": mean([row["g_norm"] for row in of_layer]),
                "stability": mean([row["stability"] for row in of_layer]),
                "train_mean": mean([row["gamma_train"] for row in of_layer]), "train_std": std([row["gamma_train"] for row in of_layer]),
                "fresh_mean": mean([row["fresh_mean"] for row in of_layer]), "fresh_std": std([row["fresh_mean"] for row in of_layer])}
