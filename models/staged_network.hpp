#pragma once
#include "models/network.hpp"

#include <ATen/ATen.h>

#include <cstdint>

namespace fa::models {

/// A network whose layers can be run one at a time, from any states of vectors: what the credits ep and sb
/// need. forward() is embed, every layer, head.
class StagedNetwork : public Network {
  public:
    /// h_0 of inputs, [N, …] → [N, d_0].
    /// @throws std::invalid_argument if the inputs' size or precision doesn't fit
    virtual at::Tensor embed(const at::Tensor& inputs) const = 0;
    /// F_l(h), what h_{l+1} is of h_l = h (with a skip h + f_l(h)), l = 0 … L − 1, [N, d_l] → [N, d_{l+1}].
    virtual at::Tensor layer(std::int64_t l, const at::Tensor& h) const = 0;
    /// Logits of the last hidden state, [N, d_L] → [N, C].
    virtual at::Tensor head(const at::Tensor& h) const = 0;
};

} // namespace fa::models
