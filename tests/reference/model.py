"""ResMLP and plain MLP in plain PyTorch, in double, from a safetensors checkpoint (design 2)."""
import dataclasses

import torch
from safetensors import safe_open


@dataclasses.dataclass
class Checkpoint:
    tensors: dict
    metadata: dict

    @property
    def model(self):
        return self.metadata.get("model", "resmlp")

    @property
    def widths(self):
        """[d_0 … d_L]"""
        if self.model == "mlp":
            return [len(self.tensors[f"{name}.bias"]) for name in mlp_layers(self.tensors)[:-1]]
        blocks = sum(name.startswith("blocks.") and name.endswith(".fc1.weight") for name in self.tensors)
        return [len(self.tensors["embed.bias"])] * (blocks + 1)

    @property
    def depth(self):
        return len(self.widths) - 1

    @property
    def feedback(self):
        """[B_0 … B_L] in double, or None."""
        if "feedback.0" not in self.tensors:
            return None
        return [self.tensors[f"feedback.{layer}"].double() for layer in range(self.depth + 1)]


def read_checkpoint(path):
    with safe_open(path, "pt") as file:
        return Checkpoint({name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {})


def mlp_layers(tensors):
    return sorted(name.removesuffix(".weight") for name in tensors if name.startswith("layers.") and name.endswith("weight"))


def gelu(x):
    return x * 0.5 * (1.0 + torch.erf(x / 2.0**0.5))


class Stages:
    """A ResMLP's layers one at a time, and the formulas that bridges need too."""

    def __init__(self, checkpoint, dtype):
        self.weight = {name: tensor.to(dtype) for name, tensor in checkpoint.tensors.items()}
        self.depth = checkpoint.depth

    def linear(self, name, x):
        return x @ self.weight[f"{name}.weight"].T + self.weight[f"{name}.bias"]

    def layer_norm(self, name, x):
        centred = x - x.mean(-1, keepdim=True)
        variance = (centred * centred).mean(-1, keepdim=True)
        return centred / torch.sqrt(variance + 1e-5) * self.weight[f"{name}.weight"] + self.weight[f"{name}.bias"]

    def embed(self, inputs):
        return self.linear("embed", inputs.flatten(1))

    def layer(self, number, state):
        name = f"blocks.{number}"
        return state + self.linear(f"{name}.fc2", gelu(self.linear(f"{name}.fc1", self.layer_norm(f"{name}.ln", state))))

    def head(self, state):
        return self.linear("head", self.layer_norm("out_ln", state))


class MlpStages(Stages):
    """The same of a plain MLP with tanh: the hidden states lie behind it, or before it."""

    def __init__(self, checkpoint, dtype):
        super().__init__(checkpoint, dtype)
        self.names = mlp_layers(checkpoint.tensors)
        self.before = checkpoint.metadata.get("hidden_states") == "pre"

    def embed(self, inputs):
        return self.state(self.linear(self.names[0], inputs.flatten(1)))

    def layer(self, number, state):
        return self.state(self.linear(self.names[number + 1], self.carried(state)))

    def head(self, state):
        return self.linear(self.names[-1], self.carried(state))

    def state(self, total):
        return total if self.before else torch.tanh(total)

    def carried(self, state):
        return torch.tanh(state) if self.before else state


def stages_of(checkpoint, dtype):
    return {"resmlp": Stages, "mlp": MlpStages}[checkpoint.model](checkpoint, dtype)


def forward(checkpoint, inputs):
    """Logits [N, C] and hidden states h_0 … h_L, each [N, d_l]; gradients flow to every hidden state."""
    stages = stages_of(checkpoint, inputs.dtype)
    hidden = [stages.embed(inputs).detach().requires_grad_(True)]
    for number in range(stages.depth):
        hidden.append(stages.layer(number, hidden[-1]))
    return stages.head(hidden[-1]), hidden


def slopes(checkpoint, inputs):
    """σ′(z_0) … σ′(z_L) of a plain MLP, by autograd; None for other networks."""
    if checkpoint.model != "mlp":
        return None
    stages = MlpStages(checkpoint, inputs.dtype)
    stages.before = True
    found = []
    total = stages.embed(inputs)
    for number in range(stages.depth + 1):
        total = total.detach().requires_grad_(True)
        found += torch.autograd.grad(torch.tanh(total).sum(), total)
        if number < stages.depth:
            total = stages.layer(number, total)
    return found


def loss_of(logits, labels, kind):
    """ℓ_i, [N]. Cross entropy as log(1 + Σ_{j≠y} exp(z_j − z_y)), exact for tiny errors too."""
    if kind == "mse":
        target = torch.nn.functional.one_hot(labels, logits.shape[1]).to(logits.dtype)
        return 0.5 * ((logits - target) ** 2).sum(1)
    own = logits.gather(1, labels[:, None])
    others = torch.ones_like(logits).scatter_(1, labels[:, None], 0.0).bool()
    gaps = (logits - own)[others].reshape(logits.shape[0], -1)
    return torch.logaddexp(torch.zeros_like(own[:, 0]), torch.logsumexp(gaps, 1))
