#pragma once
/// Credit from networks that were learned beside the audited one (design 2, sb and cb).

#include "diagnostics/credit.hpp"
#include "models/bridge.hpp"
#include "models/staged_network.hpp"

namespace fa::diagnostics {

/// t of layer l: l/L, and 0 for a network of one layer.
double layer_time(std::size_t layer, std::size_t layers);

/// sb: ∂/∂h ℓ(head(G(h, l/L)), y) at h_l, with G = identity at L. In double the backward is seeded with ê, as
/// the reference gradient's is.
class StateBridgeCredit final : public CreditSignal {
  public:
    StateBridgeCredit(jobs::Loss loss, const models::Bridge& bridge);

    /// @throws std::invalid_argument if the context's network can't be run stage by stage
    CreditVectors operator()(const CreditContext& context, const OutputError& output) const override;
    std::vector<at::Tensor> in_float32(const CreditContext& context, const at::Tensor& error) const override;

  private:
    jobs::Loss loss_;
    models::Bridge bridge_, bridge32_; ///< float64, float32
};

/// cb: ∂/∂h V(h, l/L, onehot(y)) at h_l.
class CreditBridgeCredit final : public CreditSignal {
  public:
    explicit CreditBridgeCredit(const models::Bridge& bridge);

    CreditVectors operator()(const CreditContext& context, const OutputError& output) const override;
    std::vector<at::Tensor> in_float32(const CreditContext& context, const at::Tensor& error) const override;

  private:
    models::Bridge bridge_, bridge32_;
};

/// head(G(h, l/L)), what the state bridge takes the logits to become, [N, C]; at L head(h).
/// @param layers  L + 1
at::Tensor predicted_logits(const models::Bridge& bridge, const models::StagedNetwork& network,
                            const at::Tensor& h, std::size_t layer, std::size_t layers);

} // namespace fa::diagnostics
