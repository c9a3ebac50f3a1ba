"""Small networks as papers' code writes them, without a look at ours; forward gives (logits, hidden states)."""
import torch
from torch import nn


class ProtocolBlock(nn.Module):
    """Returns the residual branch."""

    def __init__(self, d, hidden):
        super().__init__()
        self.ln, self.w1, self.w2 = nn.LayerNorm(d), nn.Linear(d, hidden), nn.Linear(hidden, d)

    def forward(self, h):
        return self.w2(nn.functional.gelu(self.w1(self.ln(h))))


class ProtocolResMlp(nn.Module):
    def __init__(self, features, d, hidden, depth, classes):
        super().__init__()
        self.embed = nn.Linear(features, d)
        self.blocks = nn.ModuleList(ProtocolBlock(d, hidden) for _ in range(depth))
        self.out_ln, self.out_head = nn.LayerNorm(d), nn.Linear(d, classes)

    def forward(self, x):
        hidden = [self.embed(x.flatten(1))]
        for block in self.blocks:
            hidden.append(hidden[-1] + block(hidden[-1]))
        return self.out_head(self.out_ln(hidden[-1])), hidden


class Mlp(nn.Module):
    """sizes: features, hidden widths, classes."""

    def __init__(self, sizes, activation, before=False, bias=True):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b, bias=bias) for a, b in zip(sizes, sizes[1:]))
        self.activation, self.before = activation, before

    def forward(self, x):
        x, hidden = x.flatten(1), []
        for layer in self.layers[:-1]:
            z = layer(x)
            x = self.activation(z)
            hidden.append(z if self.before else x)
        return self.layers[-1](x), hidden


class VitBlock(nn.Module):
    """nn.MultiheadAttention and a Sequential; returns the residual branch of both."""

    def __init__(self, d, heads, activation):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.attn = nn.MultiheadAttention(d, heads, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(d, 2 * d), activation, nn.Linear(2 * d, d))

    def forward(self, h):
        x = self.ln1(h)
        attended = self.attn(x, x, x, need_weights=False)[0]
        return attended + self.mlp(self.ln2(h + attended))


class VitMini(nn.Module):
    def __init__(self, image, patch, channels, width, heads, depth, classes, linear=False, channels_last=False,
                 activation=None):
        super().__init__()
        self.patch, self.linear, self.channels_last = patch, linear, channels_last
        self.patch_embed = (nn.Linear(channels * patch * patch, width) if linear
                            else nn.Conv2d(channels, width, patch, stride=patch))
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, (image // patch) ** 2 + 1, width))
        self.blocks = nn.ModuleList(VitBlock(width, heads, activation or nn.GELU()) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, classes)

    def tokens(self, x):
        if not self.linear:
            return self.patch_embed(x).flatten(2).transpose(1, 2)
        patches = nn.functional.unfold(x, self.patch, stride=self.patch).transpose(1, 2)  # channel, row, column
        if self.channels_last:
            n, count, _ = patches.shape
            patches = patches.reshape(n, count, x.shape[1], -1).transpose(2, 3).flatten(2)
        return self.patch_embed(patches)

    def forward(self, x):
        h = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), self.tokens(x)], 1) + self.pos_embed
        hidden = [h]
        for block in self.blocks:
            hidden.append(hidden[-1] + block(hidden[-1]))
        return self.head(self.norm(hidden[-1])[:, 0]), hidden


class TimmAttention(nn.Module):
    def __init__(self, d, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(d, 3 * d), nn.Linear(d, d)

    def forward(self, x):
        n, t, d = x.shape
        q, k, v = self.qkv(x).reshape(n, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        return self.proj(nn.functional.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(n, t, d))


class TimmBlock(nn.Module):
    def __init__(self, d, heads, eps):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d, eps=eps), nn.LayerNorm(d, eps=eps)
        self.attn = TimmAttention(d, heads)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(d, 3 * d), "fc2": nn.Linear(3 * d, d)})

    def forward(self, h):
        h = h + self.attn(self.norm1(h))
        return h + self.mlp["fc2"](nn.functional.gelu(self.mlp["fc1"](self.norm2(h))))


class TimmVit(nn.Module):
    def __init__(self, image, patch, channels, width, heads, depth, classes, eps):
        super().__init__()
        self.patch_embed = nn.ModuleDict({"proj": nn.Conv2d(channels, width, patch, stride=patch)})
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, image[0] // patch * (image[1] // patch) + 1, width))
        self.blocks = nn.ModuleList(TimmBlock(width, heads, eps) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(width, eps=eps), nn.Linear(width, classes)

    def forward(self, x):
        x = self.patch_embed["proj"](x).flatten(2).transpose(1, 2)
        hidden = [torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], 1) + self.pos_embed]
        for block in self.blocks:
            hidden.append(block(hidden[-1]))
        return self.head(self.norm(hidden[-1])[:, 0]), hidden
