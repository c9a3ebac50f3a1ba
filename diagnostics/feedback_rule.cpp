#include "diagnostics/feedback_rule.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

namespace fa::diagnostics {
namespace {

using jobs::Credit;

at::Tensor onehot_like(const at::Tensor& error, const at::Tensor& labels)
{
    return at::zeros_like(error).scatter(1, labels.to(error.device(), at::kLong).unsqueeze(1), 1.0);
}

/// s where it isn't e itself.
at::Tensor without_length(Credit credit, jobs::Loss loss, const at::Tensor& error, const at::Tensor& labels)
{
    if (credit == Credit::drtp)
        return -onehot_like(error, labels);
    return loss == jobs::Loss::cross_entropy ? 1.0 - 2.0 * onehot_like(error, labels) : error.sign();
}

bool is_error(Credit credit) noexcept
{
    return credit != Credit::sdfa && credit != Credit::drtp;
}

} // namespace

Propagation propagation_of(Credit credit, std::optional<models::HiddenStates> plain) noexcept
{
    switch (credit) {
    case Credit::fa:
        if (!plain)
            return Propagation::residual_chain;
        return *plain == models::HiddenStates::after_activation ? Propagation::gated_chain
                                                                : Propagation::gated_chain_before;
    case Credit::fa_noskip:
        return Propagation::chain;
    case Credit::dfa:
    case Credit::sdfa:
    case Credit::drtp:
    case Credit::ep:
    case Credit::sb:
    case Credit::cb:
    case Credit::callback:
    case Credit::none:
        break;
    }
    return Propagation::direct;
}

std::vector<models::MatrixShape>
feedback_shapes(Propagation propagation, const std::vector<std::int64_t>& widths, std::int64_t classes)
{
    std::vector<models::MatrixShape> shapes;
    for (std::size_t l = 0; l < widths.size(); ++l) {
        const bool last = l + 1 == widths.size();
        shapes.push_back({widths[l], last || propagation == Propagation::direct ? classes : widths[l + 1]});
        if (!last && propagation == Propagation::residual_chain && widths[l] != widths[l + 1])
            throw std::invalid_argument(
                fmt::format("credit=fa adds a_{0} to B_{1} a_{0}, but h_{1} has {2} numbers and h_{0} has "
                            "{3}; for a network without skips take credit=fa_noskip",
                            l + 1, l, widths[l], widths[l + 1]));
    }
    return shapes;
}

std::vector<double> default_feedback_scale(const std::vector<models::MatrixShape>& shapes)
{
    std::vector<double> scale;
    for (const auto& [rows, columns] : shapes)
        scale.push_back(1.0 / std::sqrt(static_cast<double>(columns)));
    return scale;
}

SampleVectors feedback_input(Credit credit, jobs::Loss loss, const OutputError& output,
                             const at::Tensor& labels)
{
    if (is_error(credit))
        return {.unit = output.unit, .norm = output.norm};
    return sample_vectors(without_length(credit, loss, output.error, labels));
}

at::Tensor feedback_input(Credit credit, jobs::Loss loss, const at::Tensor& error, const at::Tensor& labels)
{
    return is_error(credit) ? error : without_length(credit, loss, error, labels);
}

} // namespace fa::diagnostics
