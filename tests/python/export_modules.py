"""Modules as researchers write them, for fa_export: duck-typed as the protocol says, in several ways."""
import torch
from torch import nn


class Block(nn.Module):
    """Returns the residual branch."""

    def __init__(self, d):
        super().__init__()
        self.ln, self.w1, self.w2 = nn.LayerNorm(d), nn.Linear(d, d), nn.Linear(d, d)

    def forward(self, h):
        return self.w2(nn.functional.gelu(self.w1(self.ln(h))))


class Parts(nn.Module):
    """embed, blocks, out_ln, out_head; forward gives logits alone. With dropout: eval() must have been called."""

    def __init__(self, features=12, d=16, depth=3, classes=5):
        super().__init__()
        self.embed = nn.Linear(features, d)
        self.blocks = nn.ModuleList(Block(d) for _ in range(depth))
        self.out_ln, self.out_head = nn.LayerNorm(d), nn.Linear(d, classes)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        h = self.embed(x.flatten(1))
        for block in self.blocks:
            h = h + self.dropout(block(h))
        return self.out_head(self.out_ln(h))


class ReturnsHidden(Parts):
    """model(x, return_hidden=True), with a local-credit rule of its own."""

    def __init__(self, **sizes):
        super().__init__(**sizes)
        self.register_buffer("B", torch.randn(len(self.blocks) + 1, self.embed.out_features, self.out_head.out_features))

    def forward(self, x, return_hidden=False):
        hidden = [self.embed(x.flatten(1))]
        for block in self.blocks:
            hidden.append(hidden[-1] + block(hidden[-1]))
        logits = self.out_head(self.out_ln(hidden[-1]))
        return (logits, hidden) if return_hidden else logits

    def local_credit(self, x, y):
        error = self(x).softmax(1) - nn.functional.one_hot(y, self.out_head.out_features)
        return [error @ matrix.t() for matrix in self.B]


class TokenBlock(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attn = nn.MultiheadAttention(d, heads, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, h):
        x = self.ln1(h)
        attended = self.attn(x, x, x)[0]
        return attended + self.mlp(self.ln2(h + attended))


class Tokens(nn.Module):
    """A vision transformer: patch_embed, cls_token, pos_embed, blocks, norm, head."""

    def __init__(self, channels=1, image=8, patch=4, d=16, heads=2, depth=2, classes=4):
        super().__init__()
        self.patch_embed = nn.Conv2d(channels, d, patch, stride=patch)
        self.cls_token = nn.Parameter(torch.randn(1, 1, d))
        self.pos_embed = nn.Parameter(torch.randn(1, (image // patch) ** 2 + 1, d))
        self.blocks = nn.ModuleList(TokenBlock(d, heads) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, classes)

    def forward(self, x, return_hidden=False):
        patches = self.patch_embed(x).flatten(2).transpose(1, 2)
        h = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), patches], 1) + self.pos_embed
        hidden = [h]
        for block in self.blocks:
            h = h + block(h)
            hidden.append(h)
        logits = self.head(self.norm(h)[:, 0])
        return (logits, hidden) if return_hidden else logits


class PooledTokens(Tokens):
    """Returns class tokens: copies that the logits don't depend on."""

    def forward(self, x, return_hidden=False):
        output = super().forward(x, return_hidden)
        return (output[0], [h[:, 0] for h in output[1]]) if return_hidden else output


class MeanOfTokens(Tokens):
    """No class token: the logits are of the tokens' mean."""

    def forward(self, x, return_hidden=False):
        hidden = super().forward(x, return_hidden=True)[1]
        logits = self.head(self.norm(hidden[-1]).mean(1))
        return (logits, hidden) if return_hidden else logits


class TokenParts(Tokens):
    """Without return_hidden: taken by its parts."""

    def forward(self, x):
        return super().forward(x)


class Convolutional(nn.Module):
    """No skips, widths that differ, batch norm, frozen weights."""

    def __init__(self, classes=4):
        super().__init__()
        self.first, self.norm = nn.Conv2d(1, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.second = nn.Conv2d(3, 2, 3, stride=2, padding=1)
        self.readout = nn.Linear(2 * 4 * 4, classes)
        self.norm.running_mean.normal_()
        self.requires_grad_(False)

    def forward(self, x, return_hidden=False):
        first = torch.relu(self.norm(self.first(x)))
        second = torch.tanh(self.second(first))
        logits = self.readout(second.flatten(1))
        return (logits, [first, second]) if return_hidden else logits


class InFloat(Parts):
    """Insists on float32: can't be cast to double."""

    def forward(self, x, return_hidden=False):
        h = self.embed(x.float())
        hidden = [h]
        for block in self.blocks:
            hidden.append(hidden[-1] + block(hidden[-1]))
        logits = self.out_head(self.out_ln(hidden[-1]))
        return (logits, hidden) if return_hidden else logits


class FixedBatch(Parts):
    def forward(self, x, return_hidden=False):
        hidden = [self.embed(x.reshape(4, -1))]
        return self.out_head(self.out_ln(hidden[0])), hidden


class Scripted(nn.Module):
    """For torch.jit.script: control flow, forward(x) -> (logits, hidden)."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(12, 9), nn.Linear(9, 7)])
        self.readout = nn.Linear(7, 3)

    def forward(self, x):
        hidden: list[torch.Tensor] = []
        for layer in self.layers:
            x = layer(x)
            if bool(x.sum() > 1e9):
                x = -x
            hidden.append(x)
            x = torch.tanh(x)
        return self.readout(x), hidden
