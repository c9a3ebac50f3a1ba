#pragma once
/// A small vision transformer with a class token and pre-LayerNorm blocks (protocol: `patch_embed`, `blocks`,
/// `norm`, `head`).

#include "models/activation.hpp"
#include "models/fitting.hpp"
#include "models/network.hpp"
#include "models/patches.hpp"

#include <vector>

namespace fa::models {

/// h_0 = [class token, embedded patches] + positions, [N, T, d]; a block is h' = h + Attention(LN(h)), then
/// h' + MLP(LN(h')), so f_l is what both add to h_l; logits = head(LN(h_L)[:, 0, :]).
///
/// Names: those of take_patch_embedding; cls_token and pos_embed, [1, 1, d] and [1, T, d]; of block n
/// blocks.<n>.{ln1, attn, ln2, mlp}, each in the spellings of vit_mini.cpp: timm's (norm1, attn.qkv,
/// attn.proj, mlp.fc1) and nn.MultiheadAttention's (attn.in_proj_weight, attn.out_proj) are among them;
/// norm, head.
class VitMini final : public Network {
  public:
    /// Settings: num_heads (required: no shape tells it), activation (gelu), layer_norm_eps (1e-5), and those
    /// of take_patch_embedding.
    /// @throws CheckpointError naming every tensor that is missing, left over or misshapen
    VitMini(const Tensors& tensors, const NetworkSettings& settings);

    /// Hidden states are [N, T, d].
    Activations forward(const at::Tensor& inputs) const override;
    std::vector<std::int64_t> widths() const override;
    std::optional<std::int64_t> features() const override { return patches_.features(); }
    std::int64_t classes() const override { return head_.weight.size(0); }
    std::string architecture() const override;
    std::unique_ptr<Network> to(const at::TensorOptions& place) const override;

  private:
    struct Block {
        Affine ln1, qkv, out; ///< qkv: queries, keys and values below each other, [3d, d]
        Affine ln2, fc1, fc2;
    };
    Block take_block(Fitting& fitting, const std::string& block) const;
    at::Tensor attention(const Block& block, const at::Tensor& h) const;
    std::int64_t width() const { return class_token_.size(-1); }

    PatchEmbedding patches_;
    at::Tensor class_token_; ///< [1, 1, d]
    at::Tensor positions_;   ///< [1, T, d]
    std::vector<Block> blocks_;
    Affine norm_, head_;
    std::int64_t heads_ = 0;
    Activation activation_ = Activation::gelu;
    double layer_norm_eps_;
};

} // namespace fa::models
