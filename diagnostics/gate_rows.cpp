#include "diagnostics/gate_rows.hpp"

#include <algorithm>

namespace fa::diagnostics {
namespace {

double largest_of(std::span<const double> values)
{
    double largest = 0.0;
    for (const double value : values)
        largest = std::max(largest, value);
    return largest;
}

/// value/largest, 0 for a zero among zeros.
double relative(double value, double largest)
{
    return value == 0.0 ? 0.0 : value / largest;
}

} // namespace

GateRows::GateRows(Propagation propagation, std::int64_t samples, std::size_t layers)
    : compared_first_(propagation == Propagation::gated_chain), samples_(static_cast<std::size_t>(samples)),
      gate_(layers), size_(layers * samples_), weight_(size_.size())
{
}

std::uint64_t GateRows::bytes(std::int64_t samples, std::size_t layers)
{
    return 2 * sizeof(double) * static_cast<std::uint64_t>(samples) * layers;
}

void GateRows::hold(const GammaInputs& batch)
{
    const std::size_t layers = gate_.size();
    for (std::size_t l = 0; l < layers; ++l)
        gate_[l] = batch.gate[l].contiguous();
    const at::Tensor sizes = batch.gate_size.contiguous(), norms = batch.input_norm.contiguous();
    const double* root_mean_square = sizes.const_data_ptr<double>();
    const double* norm = norms.const_data_ptr<double>();
    for (std::size_t i = 0; i < samples_; ++i) {
        double size = 1.0; // of what comes down
        for (std::size_t l = layers; l-- > 0;) {
            const double gated = size * root_mean_square[i * layers + l];
            size_[l * samples_ + i] = compared_first_ ? size : gated;
            size = gated;
        }
    }
    const double longest = largest_of({norm, samples_});
    for (std::size_t l = 0; l < layers; ++l) {
        const double largest = largest_of(size(l));
        for (std::size_t i = 0; i < samples_; ++i)
            weight_[l * samples_ + i] = relative(norm[i], longest) * relative(size(l)[i], largest);
    }
}

} // namespace fa::diagnostics
