"""Checkpoints of many kinds of health, made here with PyTorch, written with safetensors."""
import torch
from safetensors.torch import save_file

WIDTH, DEPTH, CLASSES = 48, 4, 10


class Block(torch.nn.Module):
    def __init__(self, width=WIDTH):
        super().__init__()
        self.ln = torch.nn.LayerNorm(width)
        self.fc1, self.fc2 = torch.nn.Linear(width, width), torch.nn.Linear(width, width)

    def forward(self, h):
        return self.fc2(torch.nn.functional.gelu(self.fc1(self.ln(h))))


class ResMLP(torch.nn.Module):
    def __init__(self, features):
        super().__init__()
        self.embed = torch.nn.Linear(features, WIDTH)
        self.blocks = torch.nn.ModuleList(Block() for _ in range(DEPTH))
        self.out_ln = torch.nn.LayerNorm(WIDTH)
        self.head = torch.nn.Linear(WIDTH, CLASSES)

    def forward(self, x):
        h = self.embed(x)
        for block in self.blocks:
            h = h + block(h)
        return self.head(self.out_ln(h))


def trained(inputs, labels, epochs, freeze=False, seed=7):
    """A state dict, trained briefly by backpropagation."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    network = ResMLP(inputs.shape[1])
    if freeze:
        network.blocks.requires_grad_(False)
    optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], lr=2e-3)
    for _ in range(epochs):
        for batch in torch.randperm(len(inputs)).split(128):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(inputs[batch]), labels[batch]).backward()
            optimizer.step()
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def mlp(features, widths, seed=3):
    """A plain MLP's tensors, its weights large enough that tanh bends."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for number, (columns, rows) in enumerate(zip([features, *widths], [*widths, CLASSES])):
        tensors[f"layers.{number}.weight"] = 1.5 * torch.randn(rows, columns, generator=generator) / columns**0.5
        tensors[f"layers.{number}.bias"] = 0.2 * torch.randn(rows, generator=generator)
    return tensors


def feedback(seed, scale=None, chain=False, widths=(WIDTH,) * (DEPTH + 1)):
    """d_l × C for each layer; in a chain d_l × d_{l+1} below the last. Entries of std `scale`, or 1/√columns."""
    generator = torch.Generator().manual_seed(seed)
    columns = [*widths[1:], CLASSES] if chain else [CLASSES] * len(widths)
    return {f"feedback.{layer}": (scale or c**-0.5) * torch.randn(width, c, generator=generator)
            for layer, (width, c) in enumerate(zip(widths, columns))}


def bridge(seed, rule):
    """The network of sb or cb, 24 wide, with weights large enough to matter."""
    generator = torch.Generator().manual_seed(seed)
    inputs, outputs = (WIDTH + 1, WIDTH) if rule == "sb" else (WIDTH + 1 + CLASSES, 1)
    tensors = {"bridge.ln.weight": 1 + 0.2 * torch.randn(WIDTH, generator=generator),
               "bridge.ln.bias": 0.2 * torch.randn(WIDTH, generator=generator)}
    for number, (rows, columns) in enumerate([(24, inputs), (24, 24), (outputs, 24)], start=1):
        tensors[f"bridge.fc{number}.weight"] = torch.randn(rows, columns, generator=generator) / columns**0.5
        tensors[f"bridge.fc{number}.bias"] = 0.3 * torch.randn(rows, generator=generator)
    return tensors


def exploded(state):
    """Blocks that blow the residual stream up to ‖h‖ ~ 1e9, as DFA does."""
    state = dict(state)
    for name in ("blocks.0.fc2.weight", "blocks.0.fc2.bias"):
        state[name] = state[name] * 1e9
    return state


def with_head_times(state, factor):
    return state | {name: state[name] * factor for name in ("head.weight", "head.bias")}


def with_nan(state):
    weight = state["blocks.2.fc1.weight"].clone()
    weight[3, 5] = float("nan")
    return state | {"blocks.2.fc1.weight": weight}


def save(path, state, matrices=None, **metadata):
    metadata = {"format": "fa-harness", "model": "resmlp"} | metadata
    save_file({name: t.contiguous() for name, t in (state | (matrices or {})).items()}, path, metadata=metadata)
