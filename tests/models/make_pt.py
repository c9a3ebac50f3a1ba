"""Files that torch.save writes, each with what must be read from it: python make_pt.py FOLDER

`files()` yields cases; run alone, it leaves the files in FOLDER (the hostile corpus mutates them).
"""
import argparse
import collections
import pathlib
import sys
from dataclasses import dataclass, field

import numpy
import torch

DTYPES = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
          torch.int8, torch.uint8, torch.bool, torch.uint16, torch.uint32, torch.uint64, torch.float8_e4m3fn,
          torch.float8_e5m2, torch.float8_e8m0fnu, torch.complex64]


@dataclass
class Case:
    name: str
    content: object  # what is given to torch.save
    tensors: dict = None  # what must be read
    part: str = ""
    command: str = "echo"
    metadata: dict = field(default_factory=dict)  # must be among what is read
    error: list = None  # words of the error that must come instead
    options: dict = field(default_factory=dict)  # of torch.save


class Net(torch.nn.Module):
    """A module whose class the reader can't know."""

    def __init__(self):
        super().__init__()
        self.embed = torch.nn.Linear(5, 4)
        self.norm = torch.nn.BatchNorm1d(4)
        self.head = torch.nn.Linear(4, 3)

    def forward(self, x):
        return self.head(self.norm(self.embed(x)))


def of_dtype(dtype, shape=(3, 5)):
    """Every byte pattern there is room for; bool has only two."""
    count = torch.Size(shape).numel()
    if dtype == torch.bool:
        return torch.arange(count).remainder(2).bool().reshape(shape)
    raw = torch.arange(count * torch.empty(0, dtype=dtype).element_size(), dtype=torch.int64) * 37 % 251
    return raw.to(torch.uint8).view(dtype).reshape(shape)


def trained():
    """A module and its optimizer after a step, as a training script saves them."""
    torch.manual_seed(3)
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.randn(6, 5)).square().sum().backward()
    optimizer.step()
    return net, optimizer


def tensor_cases():
    every = {str(dtype).split(".")[1]: of_dtype(dtype) for dtype in DTYPES}
    base = torch.arange(60, dtype=torch.float32)
    yield Case("dtypes", every, every)
    shapes = {"scalar": torch.tensor(2.5), "empty": torch.zeros(0, 4), "hollow": torch.zeros(3, 0, 2),
              "one": torch.ones(1), "deep": torch.arange(32.0).reshape(2, 2, 2, 2, 2)}
    yield Case("shapes", shapes, shapes)
    views = {"transposed": base.reshape(6, 10).t(), "columns": base.reshape(6, 10)[:, 2:7:2], "tail": base[50:],
             "permuted": base.reshape(3, 4, 5).permute(2, 0, 1), "same": base, "again": base,
             "channels": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
             "row": torch.arange(4).expand(1, 4)}
    yield Case("views", views, {k: v.contiguous() for k, v in views.items()})
    parameter = torch.nn.Parameter(torch.randn(3, 2))
    with_attribute = torch.nn.Parameter(torch.randn(2))
    with_attribute.note = "kept by torch since 2.0"
    leaf = torch.randn(4, requires_grad=True)
    yield Case("parameters", {"p": parameter, "attribute": with_attribute, "leaf": leaf,
                              "buffer": torch.nn.Buffer(torch.ones(2))},
               {"p": parameter.data, "attribute": with_attribute.data, "leaf": leaf.data, "buffer": torch.ones(2)})
    names = {"ü / name": torch.ones(2), "": torch.ones(3), "with.dots.0": torch.ones(4), 7: torch.ones(5)}
    yield Case("names", names, {"ü / name": torch.ones(2), "with.dots.0": torch.ones(4), "7": torch.ones(5)})


def dict_cases():
    net, optimizer = trained()
    state = net.state_dict()
    yield Case("state", state, dict(state))
    yield Case("plain", dict(state), dict(state))
    yield Case("parameters_dict", dict(net.named_parameters()), {k: v.data for k, v in net.named_parameters()})
    Bs = [torch.randn(4, 3) for _ in range(3)]
    full = {"epoch": 12, "lr": 0.1, "done": True, "method": "dfa", "big": 2**70, "neg": -5, "model": state,
            "optimizer": optimizer.state_dict(), "args": argparse.Namespace(lr=0.1, name="x"), "acc": numpy.float64(0.5),
            "history": [0.1, 0.2], "dtype": torch.float32, "device": torch.device("cpu"), "size": torch.Size([1, 2]),
            "array": numpy.arange(3), "tags": {"a", "b"}, "path": pathlib.PurePosixPath("/a"), "nothing": None,
            "counts": collections.Counter("aab"), "Bs": Bs, "raw": b"bytes", "schedule": collections.deque([1, 2]),
            "rng": torch.get_rng_state()}
    said = {"epoch": "12", "lr": "0.1", "done": "true", "method": "dfa", "neg": "-5"}
    yield Case("training", full, dict(state), metadata=said)
    yield Case("training_part", full, dict(state), part="model", metadata=said)
    del full["rng"]
    yield Case("training_bs", full, {f"feedback.{l}": B for l, B in enumerate(Bs)}, part="Bs", command="feedback",
               metadata=said)
    yield Case("training_args", full, part="args", error=["argparse.Namespace", "state_dict"])
    yield Case("training_lost", full, part="modle", error=["no 'modle'", "'model' (a dict of 9)", "'epoch' (12)"])
    default = collections.defaultdict(list)
    default.update(state)
    yield Case("defaultdict", default, dict(state))
    yield Case("two_nested", {"teacher": state, "student": {"w": torch.ones(2)}},
               error=["'teacher', 'student'", "checkpoint=FILE:teacher"])
    yield Case("two_nested_part", {"teacher": state, "student": {"w": torch.ones(2)}}, {"w": torch.ones(2)},
               part="student")
    yield Case("model_among", {"model": state, "model_ema": {"w": torch.ones(2)}}, dict(state))
    yield Case("deep", {"run": {"net": state, "Bs": Bs}}, dict(state), part="run.net")
    yield Case("deep_list", {"run": {"net": state, "Bs": Bs}}, {"feedback.0": Bs[2]}, part="run.Bs.2",
               command="feedback")


def format_cases():
    net, optimizer = trained()
    content = {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "epoch": 70000, "far": 2**40,
               "flag": False, "same": list(net.state_dict().values())}
    for protocol in (1, 2, 3, 4, 5):
        for zipped in (True, False):
            yield Case(f"protocol{protocol}_{'zip' if zipped else 'legacy'}", content, dict(net.state_dict()),
                       metadata={"epoch": "70000", "far": str(2**40), "flag": "false"},
                       options={"pickle_protocol": protocol, "_use_new_zipfile_serialization": zipped})
    old = {"_use_new_zipfile_serialization": False}
    base = torch.arange(20, dtype=torch.float64)
    views = {"a": base[3:9], "b": base.reshape(4, 5).t(), "c": torch.zeros(0), "d": torch.tensor(3, dtype=torch.int16)}
    yield Case("legacy_views", views, {k: v.contiguous() for k, v in views.items()}, options=old)
    every = {str(dtype).split(".")[1]: of_dtype(dtype) for dtype in DTYPES}
    yield Case("legacy_dtypes", every, every, options=old)
    yield Case("protocol0", {"w": torch.ones(2)}, error=["protocol 0", "pickle_protocol=2"],
               options={"pickle_protocol": 0})


def module_cases():
    how = "torch.save(model.state_dict()"
    net, _ = trained()
    for zipped in (True, False):
        options = {"_use_new_zipfile_serialization": zipped}
        kind = "zip" if zipped else "legacy"
        yield Case(f"module_{kind}", net, error=[how, "Net", "whole pickled module"], options=options)
        yield Case(f"module_inside_{kind}", {"model": net, "epoch": 3}, error=[how, "Net"], options=options)
    yield Case("module_sequential", torch.nn.Sequential(torch.nn.Linear(2, 2)), error=[how, "Sequential"])
    yield Case("module_beside", {"model": net, "extra": {"w": torch.ones(2)}}, error=[how])


def feedback_cases():
    Bs = [torch.randn(4, 3) for _ in range(3)]
    named = {f"feedback.{l}": B for l, B in enumerate(Bs)}
    state = {"embed.weight": torch.ones(2)}

    def case(name, content, part="", expected=named):
        return Case("feedback_" + name, content, expected, part=part, command="feedback")

    yield case("list", Bs)
    yield case("tuple", tuple(Bs))
    yield case("list_shared", [Bs[0]] * 3, expected={f"feedback.{l}": Bs[0] for l in range(3)})
    yield case("list_views", list(torch.stack(Bs).unbind(0)))
    yield case("stack", torch.stack(Bs))
    yield case("stack_in_dict", {"model": state, "Bs": torch.stack(Bs)}, part="Bs")
    yield case("alone", Bs[1], expected={"feedback.0": Bs[1]})
    yield case("numbers", {0: Bs[0], 1: Bs[1], 2: Bs[2]})
    yield case("texts", {"Bs": {"0": Bs[0], "1": Bs[1], "2": Bs[2]}, "model": state}, part="Bs")
    yield case("letters", {f"B{l}": B for l, B in enumerate(Bs)})
    yield case("ours", named | state)
    yield case("pattern", {f"blocks.{l}.B": B for l, B in enumerate(Bs)} | {"blocks.0.weight": torch.ones(1)},
               part="blocks.{l}.B")
    yield case("pattern_deep", {"net": {f"blocks.{l}.B": B for l, B in enumerate(Bs)}}, part="net.blocks.{l}.B")
    yield case("pattern_shifted", {f"b{l}": B for l, B in enumerate(Bs)}, part="b{l-1}",
               expected={f"feedback.{l + 1}": B for l, B in enumerate(Bs)})
    arrays = [B.numpy() for B in Bs]
    for protocol in (2, 4):
        for zipped in (True, False):
            yield Case(f"feedback_arrays_{protocol}_{zipped}", {"model": state, "Bs": arrays}, named, part="Bs",
                       command="feedback", options={"pickle_protocol": protocol, "_use_new_zipfile_serialization": zipped})
    yield case("arrays_fortran", {"Bs": [numpy.asfortranarray(B) for B in arrays]}, part="Bs")
    yield case("arrays_double", [B.astype("f8") for B in arrays], expected={k: B.double() for k, B in named.items()})
    yield case("arrays_fortran_double", {f"B{l}": numpy.asfortranarray(B.astype("f8")) for l, B in enumerate(arrays)},
               expected={k: B.double() for k, B in named.items()})
    yield case("arrays_stack", {"model": state, "Bs": numpy.stack(arrays)}, part="Bs")
    yield case("arrays_stack_fortran", {"Bs": numpy.asfortranarray(numpy.stack(arrays))}, part="Bs")
    yield case("arrays_pattern", {f"blocks.{l}.B": B for l, B in enumerate(arrays)}, part="blocks.{l}.B")
    yield case("arrays_shared", [arrays[0]] * 3, expected={f"feedback.{l}": Bs[0] for l in range(3)})
    for kind, array, words in (("integers", numpy.ones((4, 3), "i8"), ["'i8'", "float32 and float64"]),
                               ("halves", numpy.ones((4, 3), "f2"), ["'f2'"]),
                               ("big_endian", numpy.ones((4, 3), ">f4"), ["byte order", "'<f4'"]),
                               ("objects", numpy.array([["a", None]], dtype=object), ["dtype", "'O8'"]),
                               ("records", numpy.zeros(3, [("a", "f4")]), ["dtype", "'V4'"]),
                               ("empty", numpy.zeros((0, 3), "f4"), ["bytes"]),
                               ("masked", numpy.ma.ones((4, 3), "f4"), ["'.0'"]),
                               ("matrix", numpy.matrix("1 2; 3 4", dtype="f4"), ["class of its own", "np.asarray"])):
        yield Case(f"feedback_array_of_{kind}", [array], command="feedback", error=["'.0'", *words])
    yield Case("feedback_nameless", {"weight": Bs[0], "bias": Bs[1]}, command="feedback",
               error=["don't count layers", "weight", "{l}"])
    yield Case("feedback_pattern_lost", {"model": state}, command="feedback", part="model.B{l}",
               error=["no 'model.B0'", "embed.weight"])
    yield Case("feedback_mixed", [Bs[0], 3], command="feedback", error=["'.1'", "3 where a tensor was expected"])


def unreadable_cases():
    yield Case("quantized", {"w": torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)},
               error=["'w'", "_rebuild_qtensor", "quantized"])
    yield Case("sparse", {"w": torch.eye(3).to_sparse()}, error=["'w'", "_rebuild_sparse_tensor"])
    yield Case("meta", {"w": torch.ones(3, device="meta")}, error=["'w'", "_rebuild_meta_tensor_no_storage"])
    yield Case("expanded", {"w": torch.ones(1).expand(3, 4)}, error=["'w'", "more than once", "contiguous"])
    yield Case("conjugated", {"w": torch.ones(3, dtype=torch.complex64).conj()}, error=["'w'", "conj", "resolve_conj"])
    yield Case("nothing", {"epoch": 3}, error=["holds no tensors", "'epoch' (3)"])
    ones = {"w": torch.ones(3)}
    yield Case("deeper", {"best": {"run": {"model": ones}}, "last": [{"model": dict(ones)}], "optimizer": {"state": ones}},
               error=["'best.run.model', 'last.0.model' are such dicts", "checkpoint=FILE:best.run.model"])
    yield Case("deeper_list", [{"model": ones}], error=["it is a list of 1", "checkpoint=FILE:0.model"])
    yield Case("array_beside", {"w": torch.ones(2), "history": numpy.ones(3)}, {"w": torch.ones(2)})
    yield Case("arrays", {"w": torch.ones(3).numpy()}, error=["'w' (a NumPy array)"])
    yield Case("number", 3, error=["it is 3", "state_dict"])


def files():
    torch.manual_seed(0)
    for cases in (tensor_cases, dict_cases, format_cases, module_cases, feedback_cases, unreadable_cases):
        yield from cases()


def write(case, folder):
    path = pathlib.Path(folder) / f"{case.name}.pt"
    torch.save(case.content, path, **case.options)
    return path


if __name__ == "__main__":
    for each in files():
        write(each, sys.argv[1])
