"""Every kind of network through fa-harness, compared with PyTorch in double: hidden norms, gradient norms, Γ with the
matrices of training, accuracy."""
import copy
import sys
import unittest
import warnings

import h5py
import numpy as np
import torch
from safetensors.torch import save_file

from system_case import TESTS, SystemCase

sys.path[:0] = [str(TESTS / "models"), str(TESTS / "python"), str(TESTS.parent / "python")]
import export_modules  # noqa: E402
import fa_export  # noqa: E402
import modules  # noqa: E402

CLASSES, SAMPLES, BATCHES, BATCH_SIZE = 4, 90, 8, 8


def rows(state):
    return state[:, 0] if state.dim() == 3 else state.flatten(1)


class Models(SystemCase):
    def write_zoo(self):
        """Images [N, 1, 8, 8]."""
        warnings.simplefilter("ignore")
        torch.manual_seed(2)
        self.x = torch.randn(SAMPLES, 1, 8, 8)
        self.y = torch.arange(SAMPLES) % CLASSES
        with h5py.File(self.folder / "data.h5", "w") as file:
            for split in ("train", "test"):
                file[f"{split}/x"], file[f"{split}/y"] = self.x.numpy(), self.y.numpy()
        self.manifest = None

    def feedback(self, widths):
        return [torch.randn(width, CLASSES) for width in widths]

    def save(self, name, model, feedback, **metadata):
        matrices = {f"feedback.{l}": b for l, b in enumerate(feedback)}
        state = {key: t.contiguous() for key, t in model.state_dict().items()}
        save_file(state | matrices, self.folder / f"{name}.safetensors", metadata)

    def line(self, name, file, keys=""):
        return f"name={name} checkpoint={file} data=data.h5 batches={BATCHES} batch_size={BATCH_SIZE} draws=12 {keys}\n"

    def assert_measured(self, run_file, model, feedback, tolerance=1e-9):
        """The run's numbers from model(x) -> (logits, hidden) in double."""
        twin = copy.deepcopy(model).double().eval()
        with h5py.File(run_file) as file:
            index = file["samples/index"][:]
            x, y = self.x[index].double().requires_grad_(), self.y[index]
            logits, hidden = twin(x)
            gradients = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, y, reduction="sum"), hidden)
            error = (logits.softmax(1) - torch.nn.functional.one_hot(y, CLASSES)).detach()
            for l, (h, g) in enumerate(zip(hidden, gradients)):
                h, g = rows(h).detach(), rows(g)
                np.testing.assert_allclose(file["norms/hidden"][:, l], h.norm(dim=1), rtol=tolerance)
                np.testing.assert_allclose(file["norms/gradient"][:, l], g.norm(dim=1) / 128, rtol=tolerance)
                a = error @ feedback[l].double().t()
                cosine = (a * g).sum(1) / (a.norm(dim=1) * g.norm(dim=1))
                np.testing.assert_allclose(file["gamma/train"][:, l], cosine, rtol=0, atol=tolerance)
                np.testing.assert_allclose(file["pitfalls/float32_gamma"][:, l], cosine, rtol=0, atol=1e-4)
            self.assertEqual(file["gamma/fresh"].shape, (12, BATCHES * BATCH_SIZE, len(hidden)))
            right = twin(self.x.double())[0].argmax(1) == self.y
            np.testing.assert_array_equal(file["accuracy/correct"][:], right)
            return dict(file.attrs)

    def audit_all(self, text, expect=0):
        return self.audit("store", manifest=self.write_manifest(text), expect=expect)

    def assert_same_bytes_from_two_ranks(self, store, names):
        two, _ = self.audit("two", "--ranks-per-run", 2, manifest=self.folder / "runs.txt", ranks=2)
        self.assert_same_runs(two, store, names)

    def test_checkpoints_by_their_tensors(self):
        networks = {
            "protocol": (modules.ProtocolResMlp(64, 16, 24, 2, CLASSES), [16] * 3, ""),
            "plain": (modules.Mlp([64, 20, 9, CLASSES], torch.nn.Tanh()), [20, 9], "activation=tanh"),
            "vit": (modules.VitMini(8, 4, 1, 16, 2, 2, CLASSES), [16] * 3, "num_heads=2"),
        }
        text, matrices = "", {}
        for name, (network, widths, keys) in networks.items():
            matrices[name] = self.feedback(widths)
            self.save(name, network, matrices[name])
            text += self.line(name, f"{name}.safetensors", keys)
        store, _ = self.audit_all(text)
        for name, (network, widths, _) in networks.items():
            attributes = self.assert_measured(store / f"runs/{name}.h5", network, matrices[name])
            self.assertEqual(list(attributes["width"]), widths)
        self.assert_same_bytes_from_two_ranks(store, networks)

    def test_a_training_script_s_own_file(self):
        """torch.save of a DDP-wrapped plain MLP with its matrices beside it, as many papers' code leaves it."""
        network = modules.Mlp([64, 20, 9, CLASSES], torch.nn.ReLU(), before=True)
        feedback = self.feedback([20, 9])
        state = {f"module.{name}": t for name, t in network.state_dict().items()}
        torch.save({"model": state, "Bs": [b.t() for b in feedback], "epoch": 3}, self.folder / "plain.pt")
        store, _ = self.audit_all(self.line("plain", "plain.pt", "feedback=plain.pt:Bs activation=relu hidden_states=pre"))
        attributes = self.assert_measured(store / "runs/plain.h5", network, feedback)
        self.assertEqual(attributes["architecture"], "mlp-20-9-relu-pre")

    def test_torchscript_agrees_with_the_checkpoint_of_the_same_network(self):
        network = modules.VitMini(8, 4, 1, 16, 2, 2, CLASSES)
        feedback = self.feedback([16] * 3)
        self.save("vit", network, feedback)

        class Exported(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.network = network

            def forward(self, x, return_hidden=False):
                output = self.network(x)
                return output if return_hidden else output[0]

        fa_export.export_torchscript(Exported(), self.x[:4], self.folder / "vit.pt", feedback=feedback)
        store, _ = self.audit_all(self.line("by-names", "vit.safetensors", "num_heads=2")
                                  + self.line("by-program", "vit.pt", "model=torchscript"))
        self.assert_measured(store / "runs/by-program.h5", network, feedback)
        with h5py.File(store / "runs/by-names.h5") as names, h5py.File(store / "runs/by-program.h5") as program:
            np.testing.assert_allclose(names["gamma/fresh"][:], program["gamma/fresh"][:], rtol=0, atol=1e-5)
            self.assertEqual(program.attrs["architecture"], "torchscript-2x16")
            self.assertEqual(program.attrs["feedback_verified"], "verified")
        self.assert_same_bytes_from_two_ranks(store, ["by-names", "by-program"])

    def test_a_program_that_cant_be_cast_is_audited_in_float32_and_says_so(self):
        network = export_modules.InFloat(features=64, d=12, depth=2, classes=CLASSES)
        feedback = self.feedback([12] * 3)
        fa_export.export_torchscript(network, self.x[:4].flatten(1), self.folder / "float.pt", feedback=feedback)
        store, done = self.audit_all(self.line("float", "float.pt", "model=torchscript"))
        self.assertIn("run 'float': audited in float32", done.stderr)

        class Plain(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.network = network

            def forward(self, x):
                hidden = [self.network.embed(x.flatten(1))]
                for block in self.network.blocks:
                    hidden.append(hidden[-1] + block(hidden[-1]))
                return self.network.out_head(self.network.out_ln(hidden[-1])), hidden

        attributes = self.assert_measured(store / "runs/float.h5", Plain(), feedback, tolerance=2e-4)
        self.assertEqual(attributes["precision"], "float32")

    def test_a_program_s_own_rule_is_its_credit(self):
        """credit=callback: ReturnsHidden's local_credit is B e of the matrices it holds."""
        network = export_modules.ReturnsHidden(features=64, d=16, depth=2, classes=CLASSES)
        fa_export.export_torchscript(network, self.x[:4], self.folder / "own.pt", method="own")
        fa_export.export_torchscript(export_modules.Tokens(), self.x[:4], self.folder / "ruleless.pt")
        store, done = self.audit_all(self.line("own", "own.pt", "model=torchscript credit=callback")
                                     + self.line("ruleless", "ruleless.pt", "model=torchscript credit=callback"), expect=3)
        self.assertIn("run 'ruleless' failed", done.stderr)
        self.assertIn("no method local_credit(x, y)", done.stderr)
        twin = copy.deepcopy(network).double().eval()
        with h5py.File(store / "runs/own.h5") as file:
            index = file["samples/index"][:]
            x, y = self.x[index].double().requires_grad_(), self.y[index]
            logits, hidden = twin(x, return_hidden=True)
            gradients = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, y, reduction="sum"), hidden)
            error = (logits.softmax(1) - torch.nn.functional.one_hot(y, CLASSES)).detach()
            for l, g in enumerate(gradients):
                wanted = torch.nn.functional.cosine_similarity(error @ twin.B[l].t(), g, dim=1, eps=1e-300)
                np.testing.assert_allclose(file["gamma/train"][:, l], wanted, rtol=0, atol=1e-9)
                np.testing.assert_allclose(file["pitfalls/float32_gamma"][:, l], wanted, rtol=0, atol=1e-4)
            self.assertNotIn("fresh", file["gamma"])
            self.assertEqual((file.attrs["credit"], file.attrs["draws"]), ("callback", 0))
        two, _ = self.audit("two", "--ranks-per-run", 2, manifest=self.folder / "runs.txt", ranks=2, expect=3)
        self.assert_same_runs(two, store, ["own"])

    def test_the_plan_knows_them_too(self):
        fa_export.export_torchscript(export_modules.Tokens(), self.x[:4], self.folder / "tokens.pt")
        self.save("plain", modules.Mlp([64, 20, 9, CLASSES], torch.nn.Tanh()), [])
        text = (self.line("tokens", "tokens.pt", "model=torchscript") + self.line("plain", "plain.safetensors", "activation=tanh")
                + self.line("untold", "plain.safetensors") + self.line("wrong", "plain.safetensors", "num_heads=2 activation=relu"))
        manifest = self.write_manifest(text)
        done = self.programs.run("fa-harness", "--manifest", manifest, "--output", self.folder / "no", "--dry-run")
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        for words in ("torchscript-2x16, 4 classes", "mlp-20-9-tanh, 4 classes", "untold  would fail",
                      "give activation=relu, tanh", "key 'num_heads' means nothing to model=mlp"):
            self.assertIn(words, done.stdout)

    def test_a_program_never_runs_by_itself(self):
        fa_export.export_torchscript(export_modules.Tokens(), self.x[:4], self.folder / "tokens.pt")
        _, done = self.audit_all(self.line("tokens", "tokens.pt"), expect=3)
        self.assertIn("run 'tokens' failed", done.stderr)


if __name__ == "__main__":
    unittest.main()
