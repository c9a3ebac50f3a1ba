#pragma once
/// What the tests of the Γ engine say of its results.

#include "diagnostics/gamma_engine.hpp"
#include "tests/diagnostics/gamma_problem.hpp"
#include "tests/support/expect_tensor.hpp"

#include <cstring>
#include <limits>
#include <vector>

namespace fa::testing {

inline constexpr double tolerance = 2e-6; // of float32 draws (issue 3, "how it will be judged")
inline constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

inline diagnostics::DrawBlock draws_of(const Shape& shape)
{
    return diagnostics::draw_block(draw_spec(shape), {0, shape.draws});
}

inline void expect_near(const diagnostics::FreshGamma& actual, const diagnostics::FreshGamma& expected,
                        double within = tolerance)
{
    EXPECT_TENSOR_NEAR(actual.gamma, expected.gamma, within);
    EXPECT_TENSOR_NEAR(actual.batchvec, expected.batchvec, within);
    EXPECT_TENSOR_NEAR(actual.flat, expected.flat, within);
    EXPECT_TENSOR_NEAR(actual.concat, expected.concat, within);
}

inline bool same_bits(const at::Tensor& a, const at::Tensor& b)
{
    return a.is_contiguous() && b.is_contiguous() && a.sizes() == b.sizes() &&
           std::memcmp(a.const_data_ptr(), b.const_data_ptr(), a.nbytes()) == 0;
}

inline bool same_bits(const diagnostics::FreshGamma& a, const diagnostics::FreshGamma& b)
{
    return same_bits(a.gamma, b.gamma) && same_bits(a.batchvec, b.batchvec) && same_bits(a.flat, b.flat) &&
           same_bits(a.concat, b.concat);
}

/// By the direct rules, unless said otherwise.
inline diagnostics::FreshGamma
gamma_of_draws(const diagnostics::GammaInputs& batch, const diagnostics::DrawBlock& draws,
               diagnostics::Propagation propagation = diagnostics::Propagation::direct)
{
    return diagnostics::gamma_of_draws(propagation, batch, draws);
}

/// A layer's draws one after the other, [R, rows, columns].
inline std::vector<float> plain(const diagnostics::LayerDraws& layer)
{
    std::vector<float> all, matrix;
    for (std::int64_t r = 0; r < layer.draws; ++r) {
        layer.unpack(r, matrix);
        all.insert(all.end(), matrix.begin(), matrix.end());
    }
    return all;
}

/// Those draws in a form.
inline diagnostics::LayerDraws packed(std::vector<float> matrices, const diagnostics::LayerDraws& like,
                                      diagnostics::Form form)
{
    const auto [rows, columns] = like.shape;
    if (form == diagnostics::Form::gram) {
        const at::Tensor separate = at::from_blob(matrices.data(), {like.draws, rows, columns}, at::kFloat);
        const at::Tensor joined = separate.transpose(0, 1).contiguous();
        matrices.assign(joined.const_data_ptr<float>(), joined.const_data_ptr<float>() + joined.numel());
    }
    diagnostics::LayerDraws layer;
    std::vector<float> scratch;
    diagnostics::pack_layer(matrices, form, like.shape, like.draws, scratch, layer);
    layer.gain = like.gain;
    return layer;
}

/// The same draws, every layer in that form.
inline diagnostics::DrawBlock in_form(diagnostics::Form form, diagnostics::DrawBlock block)
{
    for (auto& layer : block.layers)
        layer = packed(plain(layer), layer, form);
    return block;
}

} // namespace fa::testing
