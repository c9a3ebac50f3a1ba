"""fa_export.py: what it writes is read by C++ (network_echo) and gives the module's own numbers in double:
python export_test.py network_echo"""
import copy
import hashlib
import subprocess
import sys
import tempfile
import unittest
import warnings
from pathlib import Path

import h5py
import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import export_modules as modules

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python"))
import fa_export  # noqa: E402

PROGRAM = sys.argv.pop(1)


def rows(state):
    return state[:, 0] if state.dim() == 3 else state.flatten(1)


def matrices(widths, classes):
    return [torch.randn(width, classes) for width in widths]


class Case(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(5)
        torch.set_num_threads(1)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def echo(self, model, file, inputs, labels, *keys):
        save_file({"inputs": inputs, "labels": labels}, self.folder / "in.safetensors")
        out = self.folder / "out.safetensors"
        done = subprocess.run([PROGRAM, model, self.folder / file, self.folder / "in.safetensors", out, *keys],
                              capture_output=True, text=True)
        if done.returncode:
            return done.stderr, {}
        with safe_open(out, "pt") as read:
            return load_file(out), read.metadata()


class TorchScript(Case):
    def assert_same_numbers(self, model, inputs, hidden_of, feedback=None, **keywords):
        """C++ runs the archive in double; PyTorch runs the module itself, cast to double, in Python."""
        fa_export.export_torchscript(model, inputs[:4], self.folder / "network.pt", feedback=feedback, **keywords)
        twin = copy.deepcopy(model).double().eval() if isinstance(model, torch.nn.Module) else model
        doubled = inputs.double().requires_grad_()
        logits, hidden = hidden_of(twin, doubled)
        labels = torch.arange(len(inputs)) % logits.shape[1]
        gradients = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"), hidden)
        found, metadata = self.echo("torchscript", "network.pt", inputs.double(), labels)
        self.assertIsInstance(found, dict, found)
        wanted = {"logits": logits} | {f"hidden.{l}": rows(h) for l, h in enumerate(hidden)}
        wanted |= {f"gradient.{l}": rows(g) for l, g in enumerate(gradients)}
        wanted |= {f"feedback.{l}": b for l, b in enumerate(feedback or [])}
        for name, tensor in wanted.items():
            torch.testing.assert_close(found.pop(name), tensor.detach(), rtol=1e-9, atol=1e-11, msg=lambda m: f"{name}: {m}")
        return found, metadata

    def by_hand(self, model, x):
        """Parts' hidden states, written here once more."""
        hidden = [model.embed(x.flatten(1))]
        for block in model.blocks:
            hidden.append(hidden[-1] + block(hidden[-1]))
        return model.out_head(model.out_ln(hidden[-1])), hidden

    def test_a_module_of_parts(self):
        model = modules.Parts().train()
        feedback = matrices([16] * 4, 5)
        left, metadata = self.assert_same_numbers(model, torch.randn(6, 3, 4), self.by_hand, feedback, method="DFA", seed=42,
                                                  note="x")
        self.assertEqual(left, {})
        self.assertTrue(model.training, "the module is left in the mode it was in")
        digest = hashlib.sha256(b"".join(b.numpy().tobytes() for b in feedback)).hexdigest()
        wanted = {"method": "DFA", "seed": "42", "note": "x", "credit": "dfa", "feedback_sha256": digest,
                  "input_shape": "3x4", "architecture": "torchscript-3x16", "format": "fa-harness"}
        self.assertEqual(metadata, wanted)

    def test_a_module_that_returns_its_hidden_states_and_has_a_rule(self):
        model = modules.ReturnsHidden()
        inputs = torch.randn(6, 12)
        left, _ = self.assert_same_numbers(model, inputs, lambda m, x: m(x, return_hidden=True))
        twin = copy.deepcopy(model).double()
        wanted = twin.local_credit(inputs.double(), torch.arange(6) % 5)
        self.assertEqual(sorted(left), [f"credit.{l}" for l in range(4)])
        for l, signal in enumerate(wanted):
            torch.testing.assert_close(left[f"credit.{l}"], signal.detach(), rtol=1e-9, atol=1e-11)

    def test_modules_with_a_class_token(self):
        for kind in (modules.Tokens, modules.TokenParts):
            with self.subTest(kind.__name__):
                model = kind()
                hidden_of = lambda m, x: modules.Tokens.forward(m, x, return_hidden=True)
                for parameter in model.blocks.parameters():  # as a frozen control's
                    parameter.requires_grad_(kind is modules.TokenParts)
                left, metadata = self.assert_same_numbers(model, torch.randn(6, 1, 8, 8), hidden_of, matrices([16] * 3, 4))
                self.assertEqual((left, metadata["input_shape"]), ({}, "1x8x8"))

    def test_tokens_without_a_class_token_are_warned_of(self):
        images = torch.randn(4, 1, 8, 8)
        with self.assertWarnsRegex(UserWarning, "other tokens of the last hidden state"):
            fa_export.export_torchscript(modules.MeanOfTokens(), images, self.folder / "mean.pt")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            warnings.simplefilter("ignore", FutureWarning)  # PyTorch's own, from 2.14 on, of TorchScript as such
            fa_export.export_torchscript(modules.Tokens(), images, self.folder / "class.pt")

    def test_wrapped_modules_are_unwrapped(self):
        model = modules.ReturnsHidden()
        wrapped = torch.compile(torch.nn.DataParallel(model), backend="eager")
        x = torch.randn(4, 12)
        fa_export.export_torchscript(wrapped, x, self.folder / "wrapped.pt")
        fa_export.export_torchscript(model, x, self.folder / "bare.pt")
        labels = torch.arange(4)
        found, bare = (self.echo("torchscript", file, x, labels)[0] for file in ("wrapped.pt", "bare.pt"))
        self.assertTrue(torch.equal(found["logits"], bare["logits"]))
        fa_export.export_safetensors(wrapped, self.folder / "wrapped.safetensors")
        self.assertEqual(sorted(load_file(self.folder / "wrapped.safetensors")), sorted(model.state_dict()))

    def test_an_export_without_gradients_has_them(self):
        model = modules.Tokens().requires_grad_(False)
        with torch.no_grad():
            fa_export.export_torchscript(model, torch.randn(4, 1, 8, 8), self.folder / "quiet.pt")
        found, _ = self.echo("torchscript", "quiet.pt", torch.randn(3, 1, 8, 8), torch.arange(3))
        self.assertIn("gradient.2", found)

    def test_a_convolutional_module_with_frozen_weights(self):
        _, metadata = self.assert_same_numbers(modules.Convolutional(), torch.randn(6, 1, 8, 8),
                                               lambda m, x: m(x, return_hidden=True), matrices([192, 32], 4),
                                               architecture="convnet")
        self.assertEqual(metadata["architecture"], "convnet")

    def test_a_scripted_module(self):
        model = torch.jit.script(modules.Scripted())
        twin = modules.Scripted().double()
        twin.load_state_dict({name: t.double() for name, t in model.state_dict().items()})
        left, metadata = self.assert_same_numbers(model, torch.randn(6, 12), lambda _, x: twin(x))
        self.assertEqual((left, metadata["architecture"]), ({}, "torchscript-9-7"))

    def test_matrices_that_lie_on_their_side_are_turned(self):
        model = modules.Parts()
        feedback = matrices([16] * 4, 5)
        fa_export.export_torchscript(model, torch.randn(4, 12), self.folder / "a.pt", feedback=[b.t() for b in feedback])
        found, _ = self.echo("torchscript", "a.pt", torch.randn(3, 12), torch.arange(3))
        self.assertTrue(all(torch.equal(found[f"feedback.{l}"], b) for l, b in enumerate(feedback)))

    def test_refusals(self):
        x = torch.randn(4, 12)
        images = torch.randn(4, 1, 8, 8)
        parts = modules.Parts()
        cases = [
            (modules.PooledTokens(), images, {}, "don't depend on the h_0"),
            (modules.FixedBatch(), x, {}, "any number of samples"),
            (torch.nn.Linear(12, 3), x, {}, "neither embed nor patch_embed"),
            (parts, x[:1], {}, "at least two samples"),
            (parts, x, {"feedback": matrices([16] * 3, 5)}, "3 feedback matrices for the layers 0 … 3"),
            (parts, x, {"feedback": matrices([16] * 3 + [9], 5)}, "feedback matrix 3 has the shape [9, 5]; [16, 5]"),
            (parts, x, {"feedback": {0: torch.zeros(16, 5), 2: torch.zeros(16, 5)}}, "layers [0, 2]"),
        ]
        for model, example, keywords, message in cases:
            with self.subTest(message):
                with self.assertRaises(fa_export.ExportError) as raised:
                    fa_export.export_torchscript(model, example, self.folder / "refused.pt", **keywords)
                self.assertIn(message, str(raised.exception))
                self.assertFalse((self.folder / "refused.pt").exists())

    def test_what_cant_be_cast_says_so(self):
        fa_export.export_torchscript(modules.InFloat(), torch.randn(4, 12), self.folder / "float.pt")
        error, _ = self.echo("torchscript", "float.pt", torch.randn(3, 12), torch.arange(3))
        self.assertIn("can't be cast to Double", error)

    def test_archives_that_return_something_else(self):
        class Bare(torch.nn.Module):
            def forward(self, x):
                return x * 2

        class Detached(torch.nn.Module):
            def forward(self, x):
                h = x * 2
                return h * 3, [h.detach()]

        torch.jit.script(Bare()).save(self.folder / "bare.pt")
        torch.jit.script(Detached()).save(self.folder / "detached.pt")
        (self.folder / "no.pt").write_bytes(b"PK\x03\x04 no archive")
        for file, message in (("bare.pt", "should return (logits, [h_0 … h_L]), but returns Tensor"),
                              ("detached.pt", "h_0 is undefined"), ("no.pt", "not a TorchScript archive")):
            error, _ = self.echo("torchscript", file, torch.randn(3, 12), torch.arange(3))
            self.assertIn(message, error)


class Safetensors(Case):
    def test_a_state_dict_is_read_by_python_and_c(self):
        model = modules.Parts()
        feedback = torch.randn(4, 16, 5)
        fa_export.export_safetensors(model, self.folder / "a.safetensors", feedback=feedback, method="DFA", seed=1,
                                     layer_norm_eps=1e-5)
        read = load_file(self.folder / "a.safetensors")
        self.assertEqual(sorted(read), sorted(list(model.state_dict()) + [f"feedback.{l}" for l in range(4)]))
        for name, tensor in model.state_dict().items():
            self.assertTrue(torch.equal(read[name], tensor), name)
        with safe_open(self.folder / "a.safetensors", "pt") as file:
            self.assertEqual(file.metadata()["layer_norm_eps"], "1e-05")
        inputs = torch.randn(6, 12)
        found, _ = self.echo("auto", "a.safetensors", inputs, torch.zeros(6, dtype=torch.int64))
        logits = copy.deepcopy(model).double().eval()(inputs.double())
        torch.testing.assert_close(found["logits"], logits.detach(), rtol=1e-9, atol=1e-11)

    def test_every_type_and_odd_shapes(self):
        state = {str(t): (torch.randn(3, 5) * 40).to(t).t() for t in fa_export._DTYPES}
        state |= {"empty": torch.zeros(0, 3), "scalar": torch.tensor(2.5), "part": torch.arange(10)[3:7]}
        fa_export.export_safetensors(state, self.folder / "b.safetensors")
        read = load_file(self.folder / "b.safetensors")
        self.assertEqual(sorted(read), sorted(state))
        for name, tensor in state.items():
            self.assertTrue(read[name].dtype == tensor.dtype and torch.equal(read[name], tensor), name)

    def test_refusals(self):
        for state, keywords, message in (({"epoch": 3}, {}, "'epoch' is a int"),
                                         ({"z": torch.zeros(2, dtype=torch.complex64)}, {}, "complex64"),
                                         ({"feedback.0": torch.zeros(2, 2)}, {"feedback": [torch.zeros(2, 2)]}, "already"),
                                         ({}, {"feedback": [torch.zeros(2)]}, "feedback matrix 0 has the shape [2]")):
            with self.assertRaises(fa_export.ExportError) as raised:
                fa_export.export_safetensors(state, self.folder / "c.safetensors", **keywords)
            self.assertIn(message, str(raised.exception))


class Tensors(Case):
    def measured(self, samples=6):
        widths = [5, 7]
        random = np.random.default_rng(0)
        arrays = lambda: [random.normal(size=(samples, d)) for d in widths]
        return {"hidden": arrays(), "gradients": arrays(), "credit": arrays(), "errors": random.normal(size=(samples, 3)),
                "labels": np.arange(samples) % 3}

    def test_the_file_is_that_of_the_manual(self):
        given = self.measured()
        feedback = [torch.randn(5, 3), torch.randn(7, 3)]
        fa_export.export_tensors(self.folder / "t.h5", **given, losses=np.ones(6), correct=np.ones(20, bool), batch_size=3,
                                 reduction="mean", feedback=feedback, method="DFA", seed=3)
        with h5py.File(self.folder / "t.h5") as file:
            self.assertEqual(file.attrs["schema"], "fa-harness tensors 1")
            self.assertEqual((file.attrs["batch_size"], file.attrs["reduction"], file.attrs["method"], file.attrs["seed"]),
                             (3, "mean", "DFA", "3"))
            for name, group in (("hidden", "hidden"), ("gradients", "gradient"), ("credit", "credit")):
                self.assertEqual(len(file[group]), 2)
                for l in range(2):
                    np.testing.assert_array_equal(file[f"{group}/{l}"][:], given[name][l])
            np.testing.assert_array_equal(file["error"][:], given["errors"])
            np.testing.assert_array_equal(file["label"][:], given["labels"])
            np.testing.assert_array_equal(file["feedback/1"][:], feedback[1].numpy())
            self.assertEqual((file["correct"].dtype, file["correct"].shape, file["label"].dtype), (np.uint8, (20,), np.int64))

    def test_norms_may_stand_for_states_and_a_fraction_for_the_answers(self):
        given = self.measured() | {"hidden": None, "credit": None}
        given["gradients"] = [torch.from_numpy(g).bfloat16().requires_grad_() for g in given["gradients"]]
        fa_export.export_tensors(self.folder / "t.h5", **given, hidden_norms=np.ones((6, 2)), accuracy=0.5)
        with h5py.File(self.folder / "t.h5") as file:
            self.assertEqual(file.attrs["accuracy"], 0.5)
            self.assertEqual(file["hidden_norm"].shape, (6, 2))
            np.testing.assert_array_equal(file["gradient/0"][:], given["gradients"][0].detach().float().numpy())

    def test_refusals(self):
        good = self.measured()
        for change, message in (({"hidden": good["hidden"][:1]}, "2 gradients, but hidden of 1 layers"),
                                ({"hidden": None}, "either hidden or hidden_norms"),
                                ({"errors": good["errors"][:4]}, "errors has the shape [4, 3]"),
                                ({"credit": good["credit"][::-1]}, "credit[0] has the shape [6, 7]"),
                                ({"reduction": "none"}, "sum or mean"),
                                ({"correct": [1], "accuracy": 1.0}, "not both")):
            with self.assertRaises(fa_export.ExportError) as raised:
                fa_export.export_tensors(self.folder / "refused.h5", **(good | change))
            self.assertIn(message, str(raised.exception))
            self.assertFalse((self.folder / "refused.h5").exists())


unittest.main()
