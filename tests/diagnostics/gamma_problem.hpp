#pragma once
/// Batches and draws for the Γ engine, and what it should say of them by slow loops over entries.

#include "diagnostics/gamma_engine.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <cstdint>
#include <ostream>
#include <vector>

namespace fa::testing {

struct Shape {
    std::int64_t samples;
    std::vector<std::int64_t> widths;
    std::int64_t classes;
    std::int64_t draws;
    diagnostics::Propagation propagation = diagnostics::Propagation::direct;
};

/// How GoogleTest shows a shape.
inline void PrintTo(const Shape& shape, std::ostream* out)
{
    *out << "N " << shape.samples << ", C " << shape.classes << ", R " << shape.draws << ", d";
    for (const auto width : shape.widths)
        *out << ' ' << width;
    *out << ", rule " << static_cast<int>(shape.propagation);
}

/// Raw vectors of a batch in double: g and e may be zero or not finite.
struct RawBatch {
    std::vector<at::Tensor> gradient; ///< per layer [N, d]
    at::Tensor error;                 ///< [N, C]
    std::vector<at::Tensor> gates{};  ///< of gated chains: σ′ per layer [N, d]
};

/// Derivatives of a ReLU (zeros and ones), of a bent tanh, of a saturated sigmoid, in turn by layer; sizes
/// differ from sample to sample.
inline std::vector<at::Tensor> raw_gates(const std::vector<at::Tensor>& like)
{
    std::vector<at::Tensor> gates;
    for (const auto& gradient : like) {
        const at::Tensor sums = 2 * at::randn_like(gradient);
        const at::Tensor kinds[] = {sums.gt(0).to(at::kDouble), 1 - sums.tanh().square(),
                                    1e-3 * sums.sigmoid() * (1 - sums.sigmoid())};
        const at::Tensor size = at::rand({gradient.size(0), 1}, gradient.options()) + 0.1;
        gates.push_back((size * kinds[gates.size() % 3]).contiguous());
    }
    return gates;
}

/// Normals of a fixed seed; the errors of a sample sum to zero, as those of softmax do (where C > 1).
inline RawBatch raw_batch(const Shape& shape, std::uint64_t seed = 1)
{
    at::manual_seed(seed);
    RawBatch batch;
    const auto options = at::TensorOptions(at::kDouble);
    for (const auto width : shape.widths)
        batch.gradient.push_back(at::randn({shape.samples, width}, options));
    batch.error = at::randn({shape.samples, shape.classes}, options);
    if (shape.classes > 1)
        batch.error = batch.error - batch.error.mean(1, true);
    if (diagnostics::is_gated(shape.propagation))
        batch.gates = raw_gates(batch.gradient);
    return batch;
}

/// Rows of unit length: NaN where a row is zero or not finite.
inline at::Tensor unit_rows(const at::Tensor& rows)
{
    const at::Tensor scaled = rows / rows.abs().amax(1, true);
    return scaled / scaled.square().sum(1, true).sqrt();
}

inline at::Tensor row_norms(const at::Tensor& rows)
{
    const at::Tensor largest = rows.abs().amax(1, true);
    const at::Tensor scaled = at::where(largest > 0, rows / largest, rows);
    return (scaled.square().sum(1, true).sqrt() * largest).squeeze(1);
}

inline diagnostics::GammaInputs gamma_inputs(const RawBatch& batch)
{
    const auto with_mean = [](const at::Tensor& rows) {
        return at::cat({unit_rows(rows), unit_rows(rows.mean(0, true))}).to(at::kFloat);
    };
    diagnostics::GammaInputs inputs;
    std::vector<at::Tensor> norms;
    for (const auto& gradient : batch.gradient) {
        inputs.reference.push_back(with_mean(gradient));
        norms.push_back(row_norms(gradient));
    }
    inputs.input = with_mean(batch.error);
    inputs.gradient_norm = at::stack(norms, 1).contiguous();
    inputs.input_norm = row_norms(batch.error);
    std::vector<at::Tensor> sizes;
    for (const auto& gate : batch.gates) {
        sizes.push_back(gate.square().mean(1).sqrt());
        inputs.gate.push_back((gate / sizes.back().unsqueeze(1)).nan_to_num(0.0).to(at::kFloat));
    }
    if (!sizes.empty())
        inputs.gate_size = at::stack(sizes, 1);
    return inputs;
}

/// Draws with standard deviation 1/√columns.
inline diagnostics::DrawSpec draw_spec(const Shape& shape)
{
    const auto shapes = diagnostics::feedback_shapes(shape.propagation, shape.widths, shape.classes);
    return {.seed = 3,
            .distribution = jobs::Distribution::normal,
            .propagation = shape.propagation,
            .shapes = shapes,
            .scale = diagnostics::default_feedback_scale(shapes),
            .shared = false,
            .permuted = {}};
}

using Vector = std::vector<long double>;

/// B v of draw r, entry by entry; long double's range holds every product here.
inline Vector multiplied(const diagnostics::LayerDraws& layer, std::int64_t r, const Vector& vector)
{
    std::vector<float> matrix;
    layer.unpack(r, matrix);
    Vector product;
    for (std::size_t i = 0; i < static_cast<std::size_t>(layer.shape[0]); ++i) {
        long double sum = 0;
        for (std::size_t j = 0; j < vector.size(); ++j)
            sum += matrix[i * vector.size() + j] * vector[j];
        product.push_back(sum);
    }
    return product;
}

inline Vector row_of(const at::Tensor& rows, std::int64_t i)
{
    const double* first = rows.const_data_ptr<double>() + i * rows.size(1);
    return {first, first + rows.size(1)};
}

/// a ⊙ b
inline Vector gated(Vector a, const Vector& b)
{
    for (std::size_t k = 0; k < a.size(); ++k)
        a[k] *= b[k];
    return a;
}

/// a_0 … a_L of one draw and one sample (design 2, "Credit signals"; feedback_rule.hpp).
inline std::vector<Vector> slow_credit(diagnostics::Propagation propagation,
                                       const diagnostics::DrawBlock& draws, std::int64_t r,
                                       const RawBatch& batch, std::int64_t sample)
{
    using diagnostics::Propagation;
    const std::size_t layers = draws.layers.size();
    std::vector<Vector> credit(layers);
    const auto from_above = [&](std::size_t l) {
        if (propagation == Propagation::direct || l + 1 == layers)
            return row_of(batch.error, sample);
        if (propagation == Propagation::gated_chain)
            return gated(credit[l + 1], row_of(batch.gates[l + 1], sample));
        return credit[l + 1];
    };
    for (std::size_t l = layers; l-- > 0;) {
        credit[l] = multiplied(draws.layers[l], r, from_above(l));
        if (propagation == Propagation::residual_chain && l + 1 < layers)
            for (std::size_t i = 0; i < credit[l].size(); ++i)
                credit[l][i] += credit[l + 1][i];
        if (propagation == Propagation::gated_chain_before)
            credit[l] = gated(credit[l], row_of(batch.gates[l], sample));
    }
    return credit;
}

/// ⟨a, g⟩, ‖a‖², ‖g‖².
struct Sums {
    long double product = 0, credit = 0, gradient = 0;
    void operator+=(const Sums& other)
    {
        product += other.product;
        credit += other.credit;
        gradient += other.gradient;
    }
    double cosine() const
    {
        const long double value = product / (std::sqrt(credit) * std::sqrt(gradient));
        return std::isfinite(value) ? static_cast<double>(value) : std::nan("");
    }
};

inline Sums sums_of(const Vector& credit, const Vector& gradient)
{
    Sums sums;
    for (std::size_t i = 0; i < credit.size(); ++i) {
        sums.product += credit[i] * gradient[i];
        sums.credit += credit[i] * credit[i];
        sums.gradient += gradient[i] * gradient[i];
    }
    return sums;
}

/// Everything the engine returns, in double, from the raw vectors.
inline diagnostics::FreshGamma
slow_gamma(const RawBatch& batch, const diagnostics::DrawBlock& draws,
           diagnostics::Propagation propagation = diagnostics::Propagation::direct)
{
    const std::int64_t samples = batch.error.size(0), count = draws.draws.size();
    const std::size_t layers = batch.gradient.size();
    const auto options = at::TensorOptions(at::kDouble);
    const auto layer_count = static_cast<std::int64_t>(layers);
    diagnostics::FreshGamma result{.gamma = at::empty({count, samples, layer_count}, options),
                                   .batchvec = at::empty({count, layer_count}, options),
                                   .flat = at::empty({count, layer_count}, options),
                                   .concat = at::empty({count, samples}, options)};
    for (std::int64_t r = 0; r < count; ++r) {
        std::vector<Sums> of_layer(layers);
        std::vector<Vector> all_credit(layers); // Σ_i a_i
        for (std::int64_t i = 0; i < samples; ++i) {
            const auto credit = slow_credit(propagation, draws, r, batch, i);
            Sums of_sample;
            for (std::size_t l = 0; l < layers; ++l) {
                const Sums sums = sums_of(credit[l], row_of(batch.gradient[l], i));
                result.gamma[r][i][static_cast<std::int64_t>(l)] = sums.cosine();
                of_layer[l] += sums;
                of_sample += sums;
                all_credit[l].resize(credit[l].size());
                for (std::size_t k = 0; k < credit[l].size(); ++k)
                    all_credit[l][k] += credit[l][k];
            }
            result.concat[r][i] = of_sample.cosine();
        }
        for (std::size_t l = 0; l < layers; ++l) {
            const at::Tensor mean_gradient = batch.gradient[l].mean(0, true).contiguous();
            result.flat[r][static_cast<std::int64_t>(l)] = of_layer[l].cosine();
            result.batchvec[r][static_cast<std::int64_t>(l)] =
                sums_of(all_credit[l], row_of(mean_gradient, 0)).cosine();
        }
    }
    return result;
}

} // namespace fa::testing
