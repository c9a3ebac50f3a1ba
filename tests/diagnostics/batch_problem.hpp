#pragma once
/// A batch whose measurements can be recomputed by hand.

#include "diagnostics/measure.hpp"
#include "tests/support/two_block_network.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace fa::testing {

inline constexpr std::int64_t samples = 6, layers = 3;

/// A batch through a network of two blocks, evaluated with feedback matrices of training.
struct BatchProblem {
    TwoBlockNetwork network;
    at::Tensor inputs = TwoBlockNetwork::entries({samples, 5}, 1.0, 0.9);
    at::Tensor labels = at::arange(samples, at::TensorOptions(at::kLong)) % 4;
    diagnostics::Evaluation evaluation = {};

    BatchProblem()
    {
        for (const double phase : {0.2, 1.2, 2.2})
            evaluation.training_feedback.push_back(TwoBlockNetwork::entries({7, 4}, 0.5, phase));
    }
    diagnostics::BatchResult measured() const
    {
        return diagnostics::measure_batch(network, *network.to(at::kFloat), inputs, labels, evaluation);
    }
    diagnostics::Probe probed() const { return diagnostics::probe(network, inputs, labels, evaluation.loss); }
};

/// A table filled entry by entry.
template <class Entry>
at::Tensor filled(Entry value)
{
    auto table = at::empty({samples, layers}, at::TensorOptions(at::kDouble));
    for (std::int64_t i = 0; i < samples; ++i)
        for (std::int64_t l = 0; l < layers; ++l)
            table[i][l] = value(i, static_cast<std::size_t>(l));
    return table;
}

/// Every tensor of a result that exists.
inline std::vector<at::Tensor> all_of(const diagnostics::BatchMeasurements& m)
{
    std::vector<at::Tensor> all{
        m.hidden_norm,    m.gradient_norm,        m.error_norm,    m.loss,         m.gamma_train,
        m.centered_train, m.batchvec_train,       m.flat_train,    m.concat_train, m.clamped_old,
        m.clamped_new,    m.fp16_gamma,           m.fp16_lost,     m.bf16_gamma,   m.bf16_lost,
        m.float32_gamma,  m.fp16_hidden_overflow, m.norm_minus_one};
    all.insert(all.end(), m.mean_direction.begin(), m.mean_direction.end());
    std::erase_if(all, [](const at::Tensor& tensor) { return !tensor.defined(); });
    return all;
}

} // namespace fa::testing
