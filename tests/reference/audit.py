"""One run, measured again: the dictionary of all its datasets, named as in the run file."""
import numpy as np
import torch

import measures
from own_credits import OWN
from strategies import iqm


def audit(checkpoint, inputs, labels, index, options, draws):
    """
    inputs, labels: the whole test split; index [S]: the evaluation samples
    options: batches, batch_size, credit, loss, feedback (list of B_l or None), keep, settings (of ep)
    draws: per layer [R, d, C] ([R, d, d] below the top of a chain) float32; None for credits without feedback
    """
    samples = range(options.batches)
    size = options.batch_size
    parts = [index[b * size:(b + 1) * size] for b in samples]
    batches = [measures.probe(checkpoint, inputs[part], labels[part], options.loss, options.credit, options.settings)
               for part in parts]

    def stacked(function):
        return torch.cat([function(batch) for batch in batches]).numpy()

    result = {
        "samples/index": index,
        "samples/label": labels[index].numpy(),
        "samples/loss": stacked(lambda batch: batch.loss),
        "norms/hidden": stacked(lambda batch: torch.stack([measures.norm(h) for h in batch.hidden], 1)),
        "norms/gradient": stacked(lambda batch: torch.stack([measures.norm(g) / 128 for g in batch.gradient], 1)),
        "norms/error": stacked(lambda batch: measures.norm(batch.error)),
        "direction/cosine": measures.direction_cosines(batches),
        "pitfalls/fp16_hidden_overflow": stacked(measures.hidden_overflow),
        "pitfalls/norm_minus_one": torch.stack([measures.norm_minus_one(batch) for batch in batches]).numpy(),
        "accuracy/correct": measures.correct(checkpoint, inputs, labels),
    }
    with_gamma = options.credit != "none"
    visible = options.feedback
    if visible is None and draws is not None:
        visible = [torch.from_numpy(matrices[0]).double() for matrices in draws]
    for name, dtype in (("fp16", torch.float16), ("bf16", torch.bfloat16)):
        pairs = [measures.low_precision(batch, visible, dtype) for batch in batches]
        result[f"pitfalls/{name}_lost"] = torch.cat([lost for _, lost in pairs]).numpy()
        if with_gamma:
            result[f"pitfalls/{name}_gamma"] = torch.cat([gamma for gamma, _ in pairs]).numpy()
    if with_gamma:
        result["pitfalls/clamped_old"] = stacked(lambda batch: measures.clamped(batch, visible, "old"))
        result["pitfalls/clamped_new"] = stacked(lambda batch: measures.clamped(batch, visible, "new"))
        result["pitfalls/float32_gamma"] = torch.cat(
            [measures.float32_gamma(checkpoint, inputs[part], labels[part], options.loss, options.credit,
                                    visible, options.settings) for part in parts]
        ).numpy()
        if options.feedback is not None or options.credit in OWN:
            result |= train_part(batches, options.feedback)
        if draws is not None:
            result |= fresh_part(batches, draws, options.keep)
    if options.credit == "ep":
        result["relaxation/residual"] = stacked(lambda batch: batch.residual)
    return result


def forms_of(batches, feedback):
    """Γ [S, L+1], batchvec and flat [batches, L+1], concat [S] under one set of matrices."""
    parts = [measures.alignments(batch, feedback) for batch in batches]
    return {
        "gamma": torch.cat([part["gamma"] for part in parts]).numpy(),
        "batchvec": torch.stack([part["batchvec"] for part in parts]).numpy(),
        "flat": torch.stack([part["flat"] for part in parts]).numpy(),
        "concat": torch.cat([part["concat"] for part in parts]).numpy(),
    }


def train_part(batches, feedback):
    forms = forms_of(batches, feedback)
    return {
        "gamma/train": forms["gamma"],
        "gamma/centered_train": torch.cat([measures.centred_gamma(batch, feedback) for batch in batches]).numpy(),
        "gamma/batchvec_train": forms["batchvec"],
        "gamma/flat_train": forms["flat"],
        "gamma/concat_train": forms["concat"],
    }


def fresh_part(batches, draws, keep):
    forms = [forms_of(batches, [torch.from_numpy(matrices[r]).double() for matrices in draws])
             for r in range(len(draws[0]))]
    gamma = np.stack([form["gamma"] for form in forms])
    result = {
        "gamma/batchvec_fresh": np.stack([form["batchvec"] for form in forms]),
        "gamma/flat_fresh": np.stack([form["flat"] for form in forms]),
        "gamma/concat_fresh": np.stack([form["concat"] for form in forms]),
        "gamma/fresh": gamma,
    }
    if keep == "batches":
        del result["gamma/fresh"]
        result |= batch_summaries(gamma, len(batches))
    return result


def batch_summaries(gamma, batches):
    """What `--keep batches` stores of Γ [R, S, L+1]: each [R, batches, L+1]."""
    draws, samples, layers = gamma.shape
    names = ("mean", "median", "iqm", "angle", "count")
    result = {name: np.full((draws, batches, layers), np.nan) for name in names}
    for r in range(draws):
        for b in range(batches):
            for layer in range(layers):
                values = gamma[r, b * (samples // batches):(b + 1) * (samples // batches), layer]
                values = values[~np.isnan(values)]
                result["count"][r, b, layer] = len(values)
                if len(values):
                    result["mean"][r, b, layer] = values.mean()
                    result["median"][r, b, layer] = np.median(values)
                    result["iqm"][r, b, layer] = iqm(values)
                    result["angle"][r, b, layer] = np.arccos(np.clip(values, -1, 1)).mean()
    return {f"gamma/fresh_{name}": values for name, values in result.items()}
