#include "diagnostics/cuda/form_weights.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace fa::diagnostics::device {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

/// length/longest, 0 for a zero vector among zero vectors.
double relative(double length, double longest)
{
    return longest > 0.0 ? length / longest : 0.0;
}

/// The longest of what is a number.
double longest_of(std::span<const double> lengths)
{
    double longest = 0.0;
    for (const double length : lengths)
        longest = std::max(longest, length);
    return longest;
}

bool all_finite(std::span<const double> lengths)
{
    return std::all_of(lengths.begin(), lengths.end(), [](double length) { return std::isfinite(length); });
}

/// ‖g‖ and ‖s‖ of a batch, and how much longer its credit is than n and q say.
struct BatchLengths {
    at::Tensor gradient, input; ///< [N, L+1], [N]
    std::optional<GateRows> gates;

    BatchLengths(const GammaPlan& plan, const GammaInputs& batch)
        : gradient(batch.gradient_norm.contiguous()), input(batch.input_norm.contiguous())
    {
        if (plan.gated) {
            gates.emplace(plan.gate_first ? Propagation::gated_chain_before : Propagation::gated_chain,
                          plan.samples, plan.layers.size());
            gates->hold(batch);
        }
    }
    double size(std::int64_t l, std::int64_t i) const
    {
        return gates ? gates->size(static_cast<std::size_t>(l))[static_cast<std::size_t>(i)] : 1.0;
    }
    /// ‖g_l‖ of a sample's layers
    std::span<const double> gradients(std::int64_t i) const
    {
        const auto layers = gradient.size(1);
        return {gradient.const_data_ptr<double>() + i * layers, static_cast<std::size_t>(layers)};
    }
    double s(std::int64_t i) const { return input.const_data_ptr<double>()[i]; }
};

/// Where a batch's rows of the tables are.
struct BatchRows {
    std::int64_t first;  ///< row of the window
    std::int64_t rows;   ///< of the window
    std::int64_t before; ///< rows of the windows before
};

void weigh_flat(const GammaPlan& plan, const BatchLengths& batch, const BatchRows& place, std::int64_t l,
                double* gradient_square, FormWeights& out)
{
    std::vector<double> s, g;
    for (std::int64_t i = 0; i < plan.samples; ++i) {
        s.push_back(batch.s(i) * batch.size(l, i));
        g.push_back(batch.gradients(i)[static_cast<std::size_t>(l)]);
    }
    const double longest_input = longest_of(s), longest_gradient = longest_of(g);
    const std::int64_t at = plan.layer_count() * place.before + l * place.rows + place.first;
    double* numerator = out.flat_numerator.mutable_data_ptr<double>() + at;
    double* square = out.flat_square.mutable_data_ptr<double>() + at;
    *gradient_square = all_finite(s) && all_finite(g) ? 0.0 : undefined;
    for (std::size_t i = 0; i < s.size(); ++i) {
        const double of_input = relative(s[i], longest_input), of_gradient = relative(g[i], longest_gradient);
        *gradient_square += of_gradient * of_gradient;
        square[i] = of_input > 0.0 ? of_input * of_input : 0.0;
        numerator[i] = of_input > 0.0 && of_gradient > 0.0 ? of_input * of_gradient : 0.0;
    }
}

void weigh_concat(const GammaPlan& plan, const BatchLengths& batch, const BatchRows& place, std::int64_t i,
                  std::span<const double> lengths, FormWeights& out)
{
    const auto gradients = batch.gradients(i);
    const double longest = *std::max_element(gradients.begin(), gradients.end());
    const bool defined = std::isfinite(batch.s(i)) && batch.s(i) > 0.0 && all_finite(gradients);
    double gradient_square = defined ? 0.0 : undefined;
    for (std::size_t l = 0; l < gradients.size(); ++l) {
        const auto layer = static_cast<std::int64_t>(l);
        const double length = lengths[l] * batch.size(layer, i), g = relative(gradients[l], longest);
        const std::int64_t at = plan.layer_count() * place.before + layer * place.rows + place.first + i;
        out.concat_square.mutable_data_ptr<double>()[at] = length * length;
        out.concat_numerator.mutable_data_ptr<double>()[at] = g > 0.0 ? length * g : 0.0;
        gradient_square += g * g;
    }
    out.concat_gradient.mutable_data_ptr<double>()[place.before + place.first + i] = gradient_square;
}

} // namespace

FormWeights form_weights(const GammaPlan& plan, const std::vector<GammaInputs>& batches,
                         std::span<const double> lengths)
{
    const std::int64_t layers = plan.layer_count();
    const auto zeros = [](std::int64_t count) { return at::zeros({count}, at::kDouble); };
    FormWeights out{.flat_numerator = zeros(layers * plan.all_rows()),
                    .flat_square = zeros(layers * plan.all_rows()),
                    .concat_numerator = zeros(layers * plan.all_rows()),
                    .concat_square = zeros(layers * plan.all_rows()),
                    .flat_gradient = zeros(layers * plan.batches),
                    .concat_gradient = zeros(plan.all_rows()),
                    .mean = zeros(plan.gated ? layers * plan.all_rows() : 0)};
    for (std::int64_t b = 0; b < plan.batches; ++b) {
        const BatchLengths batch(plan, batches[static_cast<std::size_t>(b)]);
        const std::int64_t window = b / plan.window_batches;
        const BatchRows place{.first = b % plan.window_batches * (plan.samples + 1),
                              .rows = plan.rows(window),
                              .before = plan.first_row(window)};
        for (std::int64_t l = 0; l < layers; ++l) {
            weigh_flat(plan, batch, place, l, out.flat_gradient.mutable_data_ptr<double>() + b * layers + l,
                       out);
            if (batch.gates)
                std::copy_n(batch.gates->weight(static_cast<std::size_t>(l)).begin(), plan.samples,
                            out.mean.mutable_data_ptr<double>() + layers * place.before + l * place.rows +
                                place.first);
        }
        for (std::int64_t i = 0; i < plan.samples; ++i)
            weigh_concat(plan, batch, place, i, lengths, out);
    }
    return out;
}

} // namespace fa::diagnostics::device
