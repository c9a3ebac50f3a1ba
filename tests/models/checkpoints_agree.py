"""Python's safetensors and PyTorch's own modules against fa::models: python checkpoints_agree.py checkpoint_echo"""
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file


class Block(torch.nn.Module):
    def __init__(self, d, hidden, eps):
        super().__init__()
        self.ln = torch.nn.LayerNorm(d, eps=eps)
        self.fc1 = torch.nn.Linear(d, hidden)
        self.fc2 = torch.nn.Linear(hidden, d)

    def forward(self, h):
        return self.fc2(torch.nn.functional.gelu(self.fc1(self.ln(h))))


class ResMlp(torch.nn.Module):
    """The protocol's residual MLP, written without looking at ours."""

    def __init__(self, features, d, hidden, depth, classes, eps=1e-5):
        super().__init__()
        self.embed = torch.nn.Linear(features, d)
        self.blocks = torch.nn.ModuleList(Block(d, hidden, eps) for _ in range(depth))
        self.out_ln = torch.nn.LayerNorm(d, eps=eps)
        self.head = torch.nn.Linear(d, classes)

    def forward(self, x):
        hidden = [self.embed(x.flatten(1))]
        for block in self.blocks:
            hidden.append(hidden[-1] + block(hidden[-1]))
        return self.head(self.out_ln(hidden[-1])), hidden


def bits(tensor):
    return tensor.contiguous().flatten().view(torch.uint8)


def check_echo(program, folder):
    """Every type and some shapes: Python writes, we read and write, Python reads the same bits."""
    torch.manual_seed(1)
    tensors = {str(t).split(".")[1]: (torch.randn(3, 5) * 50).to(t)
               for t in (torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32,
                         torch.int16, torch.int8, torch.bool)}
    tensors |= {"uint8": torch.arange(7, dtype=torch.uint8), "scalar": torch.tensor(1.5), "empty": torch.zeros(0, 4),
                "name with ü": torch.ones(1)}
    metadata = {"method": "dfa", "recipe": "lr=0.03 \"quoted\" ü"}
    save_file(tensors, folder / "python.safetensors", metadata)
    subprocess.run([program, "echo", folder / "python.safetensors", folder / "ours.safetensors"], check=True)
    read = load_file(folder / "ours.safetensors")
    assert read.keys() == tensors.keys(), (read.keys(), tensors.keys())
    for name, tensor in tensors.items():
        assert read[name].dtype == tensor.dtype and read[name].shape == tensor.shape, name
        assert torch.equal(bits(read[name]), bits(tensor)), name
    with safe_open(folder / "ours.safetensors", "pt") as file:
        assert file.metadata() == metadata, file.metadata()


def check_forward(program, folder, hidden, eps, shape):
    """Logits and hidden states in double to 1e-12."""
    torch.manual_seed(2)
    network = ResMlp(40, 32, hidden, 3, 10, eps).double()
    for parameter in network.parameters():  # PyTorch's LayerNorm starts at 1 and 0: make mistakes visible
        parameter.data += 0.1 * torch.randn_like(parameter)
    inputs = torch.randn(*shape, dtype=torch.float64)
    metadata = {} if eps == 1e-5 else {"layer_norm_eps": repr(eps)}
    save_file(network.state_dict(), folder / "network.safetensors", metadata)
    save_file({"inputs": inputs}, folder / "inputs.safetensors")
    subprocess.run([program, "forward", folder / "network.safetensors", folder / "inputs.safetensors",
                    folder / "out.safetensors"], check=True)
    out = load_file(folder / "out.safetensors")
    with torch.no_grad():
        logits, states = network(inputs)
    assert len(out) == 1 + len(states)
    torch.testing.assert_close(out["logits"], logits, rtol=0, atol=1e-12)
    for l, state in enumerate(states):
        torch.testing.assert_close(out[f"hidden.{l}"], state, rtol=0, atol=1e-12)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_echo(program, folder)
        check_forward(program, folder, hidden=32, eps=1e-5, shape=(7, 40))
        check_forward(program, folder, hidden=64, eps=1e-5, shape=(7, 40))
        check_forward(program, folder, hidden=32, eps=1e-3, shape=(7, 5, 8))


main()
