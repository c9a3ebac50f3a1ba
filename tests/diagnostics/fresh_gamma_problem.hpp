#pragma once
/// Batches and draws for the Γ engine, and what it should say of them by slow loops over entries.

#include "diagnostics/fresh_gamma.hpp"

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
};

/// How GoogleTest shows a shape.
inline void PrintTo(const Shape& shape, std::ostream* out)
{
    *out << "N " << shape.samples << ", C " << shape.classes << ", R " << shape.draws << ", d";
    for (const auto width : shape.widths)
        *out << ' ' << width;
}

/// Raw vectors of a batch in double: g and e may be zero or not finite.
struct RawBatch {
    std::vector<at::Tensor> gradient; ///< per layer [N, d]
    at::Tensor error;                 ///< [N, C]
};

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
    inputs.error = with_mean(batch.error);
    inputs.gradient_norm = at::stack(norms, 1).contiguous();
    inputs.error_norm = row_norms(batch.error);
    return inputs;
}

/// Draws with standard deviation 1/√C.
inline diagnostics::DrawSpec draw_spec(const Shape& shape)
{
    return {.seed = 3,
            .distribution = jobs::Distribution::normal,
            .widths = shape.widths,
            .classes = shape.classes,
            .scale =
                std::vector<double>(shape.widths.size(), 1.0 / std::sqrt(static_cast<double>(shape.classes))),
            .shared = false,
            .permuted = {}};
}

/// Entry (row, column) of draw r.
inline long double feedback_entry(const diagnostics::DrawBlock& draws, std::size_t layer, std::int64_t r,
                                  std::int64_t row, std::int64_t column)
{
    const at::Tensor& columns = draws.columns[layer];
    return columns.const_data_ptr<float>()[row * columns.size(1) + r * draws.classes + column];
}

/// ⟨a, g⟩, ‖a‖², ‖g‖² of a = B e, summed in long double (whose range holds every product here).
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

inline Sums sums_of(const diagnostics::DrawBlock& draws, std::size_t layer, std::int64_t r,
                    const double* error, const double* gradient, std::int64_t width)
{
    Sums sums;
    for (std::int64_t i = 0; i < width; ++i) {
        long double credit = 0;
        for (std::int64_t j = 0; j < draws.classes; ++j)
            credit += feedback_entry(draws, layer, r, i, j) * error[j];
        sums.product += credit * gradient[i];
        sums.credit += credit * credit;
        sums.gradient += static_cast<long double>(gradient[i]) * gradient[i];
    }
    return sums;
}

/// Everything gamma_of_draws returns, in double, from the raw vectors.
inline diagnostics::FreshGamma slow_gamma(const RawBatch& batch, const diagnostics::DrawBlock& draws)
{
    const std::int64_t samples = batch.error.size(0), count = draws.draws.size();
    const auto layers = static_cast<std::int64_t>(batch.gradient.size());
    const auto options = at::TensorOptions(at::kDouble);
    diagnostics::FreshGamma result{.gamma = at::empty({count, samples, layers}, options),
                                   .batchvec = at::empty({count, layers}, options),
                                   .flat = at::empty({count, layers}, options),
                                   .concat = at::empty({count, samples}, options)};
    const at::Tensor mean_error = batch.error.mean(0).contiguous();
    for (std::int64_t r = 0; r < count; ++r) {
        std::vector<Sums> of_sample(static_cast<std::size_t>(samples));
        for (std::int64_t layer = 0; layer < layers; ++layer) {
            const auto l = static_cast<std::size_t>(layer);
            const at::Tensor& gradient = batch.gradient[l];
            const std::int64_t width = gradient.size(1);
            Sums of_layer;
            for (std::int64_t i = 0; i < samples; ++i) {
                const Sums sums =
                    sums_of(draws, l, r, batch.error.const_data_ptr<double>() + i * draws.classes,
                            gradient.const_data_ptr<double>() + i * width, width);
                result.gamma[r][i][layer] = sums.cosine();
                of_layer += sums;
                of_sample[static_cast<std::size_t>(i)] += sums;
            }
            result.flat[r][layer] = of_layer.cosine();
            const at::Tensor mean_gradient = gradient.mean(0).contiguous();
            result.batchvec[r][layer] = sums_of(draws, l, r, mean_error.const_data_ptr<double>(),
                                                mean_gradient.const_data_ptr<double>(), width)
                                            .cosine();
        }
        for (std::int64_t i = 0; i < samples; ++i)
            result.concat[r][i] = of_sample[static_cast<std::size_t>(i)].cosine();
    }
    return result;
}

} // namespace fa::testing
