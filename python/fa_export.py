"""Writes trained networks so that fa-harness can audit them, with the feedback matrices they were trained with.

    import fa_export
    fa_export.export_torchscript(model, x, "dfa-s42.pt", feedback=Bs, method="DFA", seed=42)
    fa_export.export_safetensors(model, "dfa-s42.safetensors", feedback=Bs, method="DFA", seed=42)
    fa_export.export_tensors("dfa-s42.h5", hidden=h, gradients=g, errors=e, labels=y)

One file that needs PyTorch alone (export_tensors h5py too): copy it beside your training code.

Which one? `export_safetensors` where the network is one that fa-harness knows by its tensors' names (a ResMLP, a plain
MLP, a small ViT): data, nothing that runs. `export_torchscript` for any other PyTorch module: the archive is a program.
`export_tensors` for everything that is not PyTorch.

`feedback` is the training's matrices B_0 … B_L: a list, a dict {l: B_l} or one tensor [L+1, d, C]. B_l has the shape
[d_l, C] (with credit="fa": [d_L, C] for the last, below it [d_l, d_{l+1}]), where a_l = B_l e.
"""
import ctypes
import hashlib
import inspect
import json
import struct
import warnings

import torch

__all__ = ["export_torchscript", "export_safetensors", "export_tensors", "ExportError"]

EXTRA_FILE = "fa.safetensors"


class ExportError(ValueError):
    """What is exported would not be audited rightly; the message says why."""


def export_torchscript(model, example, path, feedback=None, method=None, seed=None, credit=None, **metadata):
    """Writes a TorchScript archive whose forward returns (logits, [h_0 … h_L]).

    model: a module that either gives (logits, hiddens) for model(x, return_hidden=True), or has embed (or
        patch_embed), blocks that each return the residual branch, and out_ln, out_head (or norm, head). The hidden
        states must be the tensors that the logits are computed from, [N, d], [N, tokens, d] with the class token first,
        or [N, channels, height, width]. A method local_credit(x, y) -> [a_0 … a_L], if there is one, is kept.
    example: inputs, [N, …] with N ≥ 2; more than their shape counts only where the model looks at their values.
    credit: the rule that the matrices belong to: dfa (default), sdfa, drtp, fa, fa_noskip.
    metadata: more words for the file, e.g. architecture="convnet-6".
    Warns of tokens that lead to the logits without a class token, which alone would be audited.
    Raises ExportError if the traced program isn't the model or a hidden state is not on the way to the logits.
    """
    model = _unwrapped(model)
    if len(example) < 2:
        raise ExportError("example needs at least two samples, so that what depends on their number shows")
    was_training = model.training
    model.eval()
    try:
        # Gradients on, whatever the caller's mode: without them attention modules trace a path that has no backward.
        with torch.enable_grad():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of tracing; what it might get wrong is checked on other inputs
                program, hidden = _traced(model, example.detach())
            _check_connected(program, example.detach())
    finally:
        model.train(was_training)
    widths = [_rows(state).shape[1] for state in hidden]
    classes = program(example)[0].shape[1]
    matrices = _feedback(feedback, widths, classes, credit or "dfa")
    words = _words(metadata, method, seed, credit if matrices else None, matrices)
    words["input_shape"] = "x".join(str(size) for size in example.shape[1:])
    extra = _safetensors_bytes(matrices, words)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.jit.save(program, str(path), _extra_files={EXTRA_FILE: extra})


def export_safetensors(model_or_state_dict, path, feedback=None, method=None, seed=None, credit=None, **metadata):
    """Writes a module's state_dict, or one given, as a safetensors file.

    metadata: what the names and shapes don't tell: model="mlp", activation="relu", num_heads=4, layer_norm_eps=1e-6, ….
    Raises ExportError for entries that are no tensors.
    """
    state = model_or_state_dict
    if isinstance(state, torch.nn.Module):
        state = _unwrapped(state).state_dict()
    for name, tensor in state.items():
        if not isinstance(tensor, torch.Tensor):
            raise ExportError(f"state_dict entry {name!r} is a {type(tensor).__name__}, no tensor: give the network's "
                              "state_dict alone")
    matrices = _feedback(feedback, None, None, credit or "dfa")
    twice = sorted(set(state) & set(matrices))
    if twice:
        raise ExportError(f"the state_dict has tensors {', '.join(twice)} already; feedback= would write them again")
    with open(path, "wb") as file:
        file.write(_safetensors_bytes({**state, **matrices}, _words(metadata, method, seed, credit if matrices else None,
                                                                    matrices)))


def export_tensors(path, *, gradients, errors, labels, hidden=None, hidden_norms=None, losses=None, credit=None,
                   feedback=None, correct=None, accuracy=None, batch_size=128, reduction="sum", method=None, seed=None,
                   rule=None, **metadata):
    """Writes what another framework measured, for the S evaluation samples in the order they were drawn, as HDF5
    (docs/tensors.md). Everything may be a list of arrays of any kind that NumPy understands.

    gradients: [g_0 … g_L], g_l [S, d_l], the loss's gradient at the hidden states; reduction="mean" if it is that of a
        batch's mean loss, "sum" if that of each sample's own.
    errors: [S, C], each sample's own ∂ℓ/∂logits, whatever the reduction.
    labels: [S] integers.
    hidden: [h_0 … h_L], h_l [S, d_l]; or hidden_norms: [S, L+1], their norms.
    losses: [S]. credit: [a_0 … a_L], a_l [S, d_l], the method's own signals.
    feedback: B_0 … B_L; rule: the credit rule that they belong to (dfa).
    correct: [T] right (1) or wrong (0) on the whole test split; or accuracy: the fraction.
    """
    import h5py
    import numpy

    if reduction not in ("sum", "mean"):
        raise ExportError(f"reduction is {reduction!r}; sum or mean is right")
    if (hidden is None) == (hidden_norms is None):
        raise ExportError("give either hidden or hidden_norms")
    if correct is not None and accuracy is not None:
        raise ExportError("give correct or accuracy, not both")

    def array(values, kind=None):
        if isinstance(values, torch.Tensor):
            values = values.detach().cpu()
            values = (values.float() if values.dtype == torch.bfloat16 else values).numpy()
        return numpy.asarray(values, dtype=kind)

    gradients = [array(g) for g in gradients]
    errors, labels = array(errors), array(labels, numpy.int64)
    samples, layers = len(labels), len(gradients)
    wanted = {"errors": (errors, (samples, None))}
    wanted |= {f"gradients[{l}]": (g, (samples, None)) for l, g in enumerate(gradients)}
    datasets = {"error": errors, "label": labels} | {f"gradient/{l}": g for l, g in enumerate(gradients)}
    for name, group, states in (("hidden", "hidden", hidden), ("credit", "credit", credit)):
        if states is None:
            continue
        states = [array(state) for state in states]
        if len(states) != layers:
            raise ExportError(f"there are {layers} gradients, but {name} of {len(states)} layers")
        wanted |= {f"{name}[{l}]": (state, gradients[l].shape) for l, state in enumerate(states)}
        datasets |= {f"{group}/{l}": state for l, state in enumerate(states)}
    for name, dataset, values, shape in (("hidden_norms", "hidden_norm", hidden_norms, (samples, layers)),
                                         ("losses", "loss", losses, (samples,)), ("correct", "correct", correct, (None,))):
        if values is not None:
            datasets[dataset] = array(values, numpy.uint8 if name == "correct" else None)
            wanted[name] = (datasets[dataset], shape)
    for name, (values, shape) in wanted.items():
        if values.ndim != len(shape) or any(b is not None and a != b for a, b in zip(values.shape, shape)):
            raise ExportError(f"{name} has the shape {list(values.shape)} where "
                              f"{['any' if size is None else size for size in shape]} was expected")
    matrices = _feedback(feedback, [g.shape[1] for g in gradients], errors.shape[1], rule or "dfa")
    datasets |= {name.replace(".", "/"): matrix.numpy() for name, matrix in matrices.items()}
    words = _words(metadata, method, seed, rule if matrices else None, matrices)
    with h5py.File(path, "w") as file:
        file.attrs["schema"] = "fa-harness tensors 1"
        file.attrs["batch_size"] = numpy.int64(batch_size)
        file.attrs["reduction"] = reduction
        if accuracy is not None:
            file.attrs["accuracy"] = float(accuracy)
        for name, word in words.items():
            file.attrs[name] = word
        for name, values in datasets.items():
            file[name] = values


def _unwrapped(model):
    """The module that torch.compile, DataParallel or DistributedDataParallel wraps."""
    wrappers = (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)
    while isinstance(model, wrappers) or hasattr(model, "_orig_mod"):
        model = model.module if isinstance(model, wrappers) else model._orig_mod
    return model


def _rows(state):
    """What is audited of a hidden state: vectors, class tokens, or flattened maps, [N, d]."""
    return state[:, 0] if state.dim() == 3 else state.flatten(1)


class _Program(torch.nn.Module):
    """The model in the form that fa-harness runs: forward gives (logits, [h_0 … h_L])."""

    def __init__(self, model, by_parts):
        super().__init__()
        self.model, self.by_parts = model, by_parts

    def forward(self, x):
        if not self.by_parts:
            logits, hidden = self.model(x, return_hidden=True)
            return logits, list(hidden)
        hidden = [_embedded(self.model, x)]
        for block in self.model.blocks:
            hidden.append(hidden[-1] + block(hidden[-1]))
        norm = _part(self.model, "out_ln", "norm")
        head = _part(self.model, "out_head", "head")
        state = norm(hidden[-1])
        return head(state[:, 0] if state.dim() == 3 else state), hidden

    def local_credit(self, x, y):
        return list(self.model.local_credit(x, y))


def _part(model, *names):
    for name in names:
        if hasattr(model, name):
            return getattr(model, name)
    raise ExportError(f"the model has neither {' nor '.join(names)}, and no forward(x, return_hidden=True)")


def _embedded(model, x):
    """h_0; of a patch embedding that gives patches alone, with the class token and the positions that the model has."""
    embed = _part(model, "embed", "patch_embed")
    h = embed(x.flatten(1) if isinstance(embed, torch.nn.Linear) and x.dim() > 2 else x)
    if h.dim() == 4:  # a convolution's
        h = h.flatten(2).transpose(1, 2)
    if h.dim() == 3 and hasattr(model, "cls_token"):
        token = model.cls_token.expand(h.shape[0], -1, -1)
        positions = getattr(model, "pos_embed", None)
        if positions is None or h.shape[1] + 1 == positions.shape[-2]:  # else they are in it already
            h = torch.cat([token, h], 1)
            h = h if positions is None else h + positions
    return h


def _call(model, x):
    """model(x)'s logits, or None where it can't be called so."""
    if type(model).forward is torch.nn.Module.forward:  # a container of parts without a forward
        return None
    output = model(x)
    output = output[0] if isinstance(output, (tuple, list)) else output
    return output if isinstance(output, torch.Tensor) else None


def _traced(model, example):
    """The traced program, checked against the model, and its hidden states of the example."""
    if isinstance(model, torch.jit.ScriptModule):
        program = model
        logits, hidden = _outputs(program(example))
    else:
        wrapped = _Program(model, by_parts=not _returns_hidden(model, example)).eval()
        x = example.clone().requires_grad_(example.is_floating_point())
        logits, hidden = _outputs(wrapped(x))
        plain = _call(model, example)
        if plain is not None and not torch.allclose(plain, logits, rtol=1e-4, atol=1e-5):
            raise ExportError("the logits by hidden states are others than model(x): is the order of the parts "
                              "embed, blocks (each returning its residual branch), out_ln, out_head?")
        methods = {"forward": (x,)}
        if hasattr(model, "local_credit"):
            methods["local_credit"] = (x.detach(), torch.arange(len(x), device=x.device) % logits.shape[1])
        program = torch.jit.trace_module(wrapped, methods, strict=False, check_trace=False)
        _check_same(wrapped, program, example, methods)
    return program, hidden


def _returns_hidden(model, example):
    parameters = inspect.signature(model.forward).parameters.values()
    if not any(p.name == "return_hidden" or p.kind is p.VAR_KEYWORD for p in parameters):
        return False
    _outputs(model(example, return_hidden=True))
    return True


def _outputs(output):
    right = (isinstance(output, (tuple, list)) and len(output) == 2 and isinstance(output[0], torch.Tensor)
             and output[0].dim() == 2 and isinstance(output[1], (tuple, list)) and len(output[1]) > 0
             and all(isinstance(state, torch.Tensor) and state.dim() >= 2 for state in output[1]))
    if not right:
        raise ExportError("the model should return (logits [N, C], [h_0 … h_L]), each h [N, d], [N, tokens, d] or "
                          "[N, channels, height, width]")
    return output[0], list(output[1])


def _check_same(wrapped, program, example, methods):
    """On other inputs and another number of samples: tracing keeps what it saw as constants."""
    generator = torch.Generator().manual_seed(0)
    order = torch.randperm(len(example) + 1, generator=generator).to(example.device) % len(example)
    other = example[order]
    if other.is_floating_point():
        other = other * 0.7 + 0.1
    pairs = []
    try:
        wanted, found = _outputs(wrapped(other)), _outputs(program(other))
        pairs = [("logits", wanted[0], found[0])]
        pairs += [(f"h_{l}", a, b) for l, (a, b) in enumerate(zip(wanted[1], found[1]))]
        if "local_credit" in methods:
            labels = (torch.arange(len(other), device=other.device) + 1) % wanted[0].shape[1]
            signals = zip(wrapped.local_credit(other, labels), program.local_credit(other, labels))
            pairs += [(f"local_credit's a_{l}", a, b) for l, (a, b) in enumerate(signals)]
    except RuntimeError as error:
        raise ExportError(f"traced with {len(example)} samples the program fails for {len(other)}: the model must take "
                          f"any number of samples (x.shape[0] is traced as one, len(x) as the constant {len(example)}; "
                          f"{str(error).strip().splitlines()[-1]})") from error
    for name, wanted, found in pairs:
        if wanted.shape != found.shape or not torch.allclose(wanted, found, rtol=1e-4, atol=1e-5, equal_nan=True):
            raise ExportError(f"traced, the model gives another {name} for other inputs: it decides by values, or by the "
                              "number of samples, in Python; give torch.jit.script(model) with forward(x) -> "
                              "(logits, [h_0 … h_L])")


def _check_connected(program, example):
    x = example.clone().requires_grad_(example.is_floating_point())
    with torch.jit.optimized_execution(False):
        logits, hidden = _outputs(program(x))
    for l, state in enumerate(hidden):
        gradient = None
        if state.requires_grad and logits.requires_grad:
            gradient, = torch.autograd.grad(logits.sum(), state, retain_graph=True, allow_unused=True)
        if gradient is None:
            raise ExportError(f"the logits don't depend on the h_{l} that the model returns: it must return the very "
                              "tensors it computes on with, not pooled, detached or cloned ones (of tokens [N, T, d] "
                              "fa-harness takes the class token itself)")
    if gradient.dim() == 3 and gradient[:, 1:].any():
        warnings.warn("the logits depend on other tokens of the last hidden state than the first, which alone is "
                      "audited as the class token; without one let the network compute on with states [N, tokens·d]: "
                      "h = h.flatten(1), kept as hidden state, then h.unflatten(1, (-1, d))", stacklevel=3)


def _feedback(feedback, widths, classes, rule):
    """{"feedback.<l>": B_l as float32 on the CPU}, of the right shapes where they are known."""
    if feedback is None:
        return {}
    if isinstance(feedback, dict):
        if sorted(feedback) != list(range(len(feedback))):
            raise ExportError(f"feedback has the layers {sorted(feedback, key=str)}; 0 … L are needed")
        feedback = [feedback[layer] for layer in range(len(feedback))]
    matrices = [torch.as_tensor(matrix).detach().to("cpu", torch.float32) for matrix in feedback]
    if widths is not None and len(matrices) != len(widths):
        raise ExportError(f"there are {len(matrices)} feedback matrices for the layers 0 … {len(widths) - 1}")
    for layer, matrix in enumerate(matrices):
        if matrix.dim() != 2:
            raise ExportError(f"feedback matrix {layer} has the shape {list(matrix.shape)}; [d, C] is right")
    if widths is not None:
        chain = rule in ("fa", "fa_noskip")
        columns = [widths[l + 1] if chain and l + 1 < len(widths) else classes for l in range(len(widths))]
        wanted = [(d, c) for d, c in zip(widths, columns)]
        if [tuple(m.shape) for m in matrices] != wanted and [tuple(m.t().shape) for m in matrices] == wanted:
            matrices = [matrix.t() for matrix in matrices]  # stored as [C, d] throughout
        for layer, (matrix, shape) in enumerate(zip(matrices, wanted)):
            if tuple(matrix.shape) != shape:
                raise ExportError(f"feedback matrix {layer} has the shape {list(matrix.shape)}; {list(shape)} is right")
    return {f"feedback.{layer}": matrix.contiguous() for layer, matrix in enumerate(matrices)}


def _words(metadata, method, seed, credit, matrices):
    """Metadata as text; the matrices' hash makes a later mix-up an error."""
    words = {"format": "fa-harness"} | {key: str(value) for key, value in metadata.items() if value is not None}
    words |= {key: str(value) for key, value in (("method", method), ("seed", seed)) if value is not None}
    if matrices:
        words["credit"] = credit or "dfa"
        digest = hashlib.sha256()
        for matrix in matrices.values():
            digest.update(_bytes(matrix))
        words["feedback_sha256"] = digest.hexdigest()
    return words


_DTYPES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
           torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL"}


def _bytes(tensor):
    """Row by row, without NumPy, which PyTorch may lack."""
    flat = tensor.detach().cpu().contiguous()
    return ctypes.string_at(flat.data_ptr(), flat.numel() * flat.element_size()) if flat.numel() else b""


def _safetensors_bytes(tensors, metadata):
    """The safetensors format: header length, JSON header, tensors in the header's order."""
    header, parts, end = {"__metadata__": metadata}, [], 0
    # Widest types first keeps every tensor aligned.
    for name, tensor in sorted(tensors.items(), key=lambda item: (-item[1].element_size(), item[0])):
        if tensor.dtype not in _DTYPES:
            raise ExportError(f"tensor {name!r} holds {tensor.dtype}, which the format can't")
        parts.append(_bytes(tensor))
        header[name] = {"dtype": _DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [end, end + len(parts[-1])]}
        end += len(parts[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(parts)
