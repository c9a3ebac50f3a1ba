"""PyTorch's own modules against fa::models: logits, hidden states and gradients of every kind of network that a
checkpoint can hold, in the names that PyTorch gives them: python networks_agree.py network_echo"""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import nn

import modules

PROGRAM = sys.argv.pop(1)


def perturbed(module):
    """PyTorch starts LayerNorm at 1 and 0 and tokens at 0: noise makes mistakes visible."""
    for parameter in module.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return module.double().eval()


class NetworksAgree(unittest.TestCase):
    def setUp(self):
        torch.manual_seed(3)
        torch.set_num_threads(1)
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def echo(self, model, state, inputs, labels, *keys, **metadata):
        """The finished process; its output lies in out.safetensors."""
        save_file({name: t.contiguous() for name, t in state.items()}, self.folder / "network.safetensors", metadata)
        save_file({"inputs": inputs, "labels": labels}, self.folder / "inputs.safetensors")
        return subprocess.run([PROGRAM, model, self.folder / "network.safetensors", self.folder / "inputs.safetensors",
                               self.folder / "out.safetensors", *keys], capture_output=True, text=True)

    def assert_agrees(self, model, network, shape, *keys, state=None, architecture=None, **metadata):
        """Logits, the audited rows of the hidden states and of their gradients, to 1e-12."""
        perturbed(network)
        inputs = torch.randn(*shape, dtype=torch.float64)
        logits, hidden = network(inputs)
        labels = torch.arange(len(inputs)) % logits.shape[1]
        gradients = torch.autograd.grad(nn.functional.cross_entropy(logits, labels, reduction="sum"), hidden)
        rows = [t[:, 0] if t.dim() == 3 else t.flatten(1) for t in hidden]
        wanted = {"logits": logits.detach()}
        wanted |= {f"hidden.{l}": t.detach() for l, t in enumerate(rows)}
        wanted |= {f"gradient.{l}": t[:, 0] if t.dim() == 3 else t.flatten(1) for l, t in enumerate(gradients)}
        done = self.echo(model, state(network) if state else network.state_dict(), inputs, labels, *keys, **metadata)
        self.assertEqual(done.returncode, 0, done.stderr)
        found = load_file(self.folder / "out.safetensors")
        self.assertEqual(sorted(found), sorted(wanted))
        for name, tensor in wanted.items():
            torch.testing.assert_close(found[name], tensor, rtol=1e-10, atol=1e-12, msg=lambda text: f"{name}: {text}")
        if architecture:
            with safe_open(self.folder / "out.safetensors", "pt") as file:
                self.assertEqual(file.metadata()["architecture"], architecture)

    def assert_refused(self, message, model, state, *keys):
        done = self.echo(model, state, torch.zeros(2, 4), torch.zeros(2, dtype=torch.int64), *keys)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(message, done.stderr)

    def test_resmlp_of_the_protocol(self):
        self.assert_agrees("auto", modules.ProtocolResMlp(12, 16, 16, 3, 5), (6, 3, 4), architecture="resmlp-3x16")

    def test_resmlp_of_the_protocol_widened_under_ddp_and_compile(self):
        self.assert_agrees("resmlp", modules.ProtocolResMlp(12, 16, 40, 2, 5), (6, 12), architecture="resmlp-2x16-h40",
                           state=lambda net: {f"module._orig_mod.{name}": t for name, t in net.state_dict().items()})

    def test_mlp_of_a_sequential(self):
        for activation, module in (("relu", nn.ReLU), ("tanh", nn.Tanh), ("sigmoid", nn.Sigmoid), ("gelu", nn.GELU),
                                   ("identity", nn.Identity)):
            with self.subTest(activation):
                network = modules.Mlp([12, 20, 9, 15, 4], module())
                self.assert_agrees("auto", network, (7, 3, 4), f"activation={activation}",
                                   architecture=f"mlp-20-9-15-{activation}")

    def test_mlp_before_the_activation(self):
        network = modules.Mlp([12, 20, 20, 4], nn.Tanh(), before=True)
        self.assert_agrees("mlp", network, (7, 12), activation="tanh", hidden_states="pre", architecture="mlp-2x20-tanh-pre")

    def test_mlp_of_more_than_ten_layers_is_ordered_by_number(self):
        self.assert_agrees("mlp", modules.Mlp([12] + [8] * 11 + [4], nn.ReLU(), bias=False), (7, 12), "activation=relu")

    def test_mlp_names(self):
        """The usual names of layers 0 … 3, the last one the head."""
        usual = ("{}", "layers.{}", "fc{}", "lin{}", "net.{}", "features.{}", "layers.{}.linear", "_orig_mod.hidden{}",
                 ["input", "hidden", "hidden2", "output"], ["features.0", "features.3", "features.12", "classifier.0"], ["embed", "layers.9", "layers.10", "head"],
                 ["hidden", "hidden2", "hidden3", "out"], ["fc1", "fc2", "fc3", "classifier"])
        for names in usual:
            with self.subTest(names):
                if isinstance(names, str):
                    names = [names.format(number + 1) for number in range(4)]
                renamed = lambda net: {name.replace(f"layers.{l}.", names[l] + ".", 1): t for name, t in
                                       net.state_dict().items() for l in [int(name.split(".")[1])]}
                self.assert_agrees("mlp", modules.Mlp([12, 8, 8, 8, 8], nn.ReLU()), (5, 12), "activation=relu", state=renamed)

    def test_mlp_refusals(self):
        state = {"0.weight": torch.zeros(5, 4), "2.weight": torch.zeros(3, 5), "2.bias": torch.zeros(3)}
        self.assert_refused("give activation=relu, tanh, sigmoid, gelu, gelu_tanh or identity", "mlp", state)
        self.assert_refused("hidden_states='both' where pre or post was expected", "mlp", state, "activation=relu",
                            "hidden_states=both")
        broken = state | {"4.weight": torch.zeros(2, 9)}
        self.assert_refused("layer '2' gives 3 numbers, but layer '4' behind it takes 9", "mlp", broken, "activation=relu")
        normed = state | {"1.weight": torch.zeros(5), "1.running_mean": torch.zeros(5)}
        self.assert_refused("tensor '1.running_mean' [5] is left over", "mlp", normed, "activation=relu")
        self.assert_refused("'1.weight' [5] is left over", "mlp", normed, "activation=relu")
        bias = state | {"0.bias": torch.zeros(4)}
        self.assert_refused("'0.bias' has shape [4] where [5] was expected", "mlp", bias, "activation=relu")
        unordered = {"alpha.weight": torch.zeros(5, 5), "beta.weight": torch.zeros(5, 5)}
        self.assert_refused("which of the layers 'alpha' and 'beta' comes first", "mlp", unordered, "activation=relu")
        unordered = {f"{name}.weight": torch.zeros(5, 5) for name in ("encoder.0", "encoder.1", "decoder.0", "out")}
        self.assert_refused("which of the layers 'decoder.0' and 'encoder.0' comes first", "mlp", unordered, "activation=relu")
        self.assert_refused("it has 1 linear layers", "mlp", {"0.weight": torch.zeros(5, 4)}, "activation=relu")

    def test_vit_of_multihead_attention(self):
        network = modules.VitMini(image=8, patch=4, channels=3, width=24, heads=4, depth=2, classes=5)
        self.assert_agrees("auto", network, (6, 3, 8, 8), "num_heads=4", architecture="vit_mini-2x24-4heads")

    def test_vit_takes_flattened_images(self):
        network = modules.VitMini(image=8, patch=4, channels=3, width=24, heads=4, depth=1, classes=5)
        perturbed(network)
        inputs = torch.randn(4, 3, 8, 8, dtype=torch.float64)
        logits, _ = network(inputs)
        done = self.echo("vit_mini", network.state_dict(), inputs.flatten(1), torch.zeros(4, dtype=torch.int64), num_heads="4")
        self.assertEqual(done.returncode, 0, done.stderr)
        torch.testing.assert_close(load_file(self.folder / "out.safetensors")["logits"], logits.detach(), rtol=0, atol=1e-12)

    def test_vit_of_timm_names(self):
        network = modules.TimmVit(image=(8, 12), patch=4, channels=1, width=16, heads=2, depth=3, classes=4, eps=1e-6)
        self.assert_agrees("vit_mini", network, (5, 1, 8, 12), "num_heads=2", "image_size=8x12", layer_norm_eps="1e-6")

    def test_vit_of_a_linear_embedding(self):
        for channels, order in ((1, None), (3, "channels_first"), (3, "channels_last")):
            with self.subTest(order):
                network = modules.VitMini(image=8, patch=4, channels=channels, width=16, heads=2, depth=1, classes=3,
                                          linear=True, channels_last=order == "channels_last", activation=nn.GELU("tanh"))
                keys = ["num_heads=2", "activation=gelu_tanh"] + ([f"patch_order={order}"] if order else [])
                self.assert_agrees("vit_mini", network, (4, channels, 8, 8), *keys)

    def test_vit_of_separate_projections(self):
        network = modules.TimmVit(image=(8, 8), patch=4, channels=3, width=16, heads=4, depth=2, classes=4, eps=1e-5)

        def separated(net):
            state = {}
            for name, tensor in net.state_dict().items():
                if ".qkv." in name:
                    for role, part in zip("qkv", tensor.chunk(3)):
                        state[name.replace("qkv", f"{role}_proj")] = part
                else:
                    state[name] = tensor
            return state
        self.assert_agrees("vit_mini", network, (5, 3, 8, 8), "num_heads=4", state=separated)

    def test_vit_refusals(self):
        network = modules.VitMini(image=8, patch=4, channels=3, width=24, heads=4, depth=2, classes=5)
        state = network.state_dict()
        self.assert_refused("give num_heads=N", "vit_mini", state)
        self.assert_refused("num_heads='5' where a divisor of the width 24 was expected", "vit_mini", state, "num_heads=5")
        self.assert_refused("num_heads='0' where a whole number above 0", "vit_mini", state, "num_heads=0")
        self.assert_refused("image_size 8x12 doesn't fit the checkpoint's 4 patches of 4x4", "vit_mini", state,
                            "num_heads=4", "image_size=8x12")
        self.assert_refused("image_size='8 x 8' where HEIGHTxWIDTH", "vit_mini", state, "num_heads=4", "image_size=8 x 8")
        missing = {name: t for name, t in state.items() if name != "blocks.1.attn.out_proj.bias"}
        self.assert_refused("'blocks.1.attn.out_proj.bias' is missing (expected [24])", "vit_mini", missing, "num_heads=4")
        scaled = state | {"blocks.0.ls1.gamma": torch.ones(24)}
        self.assert_refused("'blocks.0.ls1.gamma' [24] is left over", "vit_mini", scaled, "num_heads=4")
        bent = state | {"blocks.0.attn.in_proj_weight": torch.zeros(71, 24)}
        self.assert_refused("'blocks.0.attn.in_proj_weight' has shape [71, 24] where [72, 24]", "vit_mini", bent, "num_heads=4")
        longer = state | {"pos_embed": torch.zeros(1, 7, 24)}
        self.assert_refused("6 patches, which make no square image: give image_size", "vit_mini", longer, "num_heads=4")
        self.assert_refused("patch_order=channels_first or channels_last", "vit_mini",
                            state | {"patch_embed.weight": torch.zeros(24, 48)}, "num_heads=4")
        done = self.echo("vit_mini", state, torch.zeros(2, 8, 8, 3), torch.zeros(2, dtype=torch.int64), "num_heads=4")
        self.assertIn("a sample has the shape [8, 8, 3], the network takes [3, 8, 8]", done.stderr)


unittest.main()
