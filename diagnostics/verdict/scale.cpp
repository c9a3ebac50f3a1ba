#include "diagnostics/verdict/scale.hpp"

#include "diagnostics/verdict/median.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace fa::verdict {
namespace {

/// The largest, or NaN if one is: std::max_element would step over it.
double strict_max(const std::vector<double>& growth)
{
    if (std::any_of(growth.begin(), growth.end(), [](double each) { return std::isnan(each); }))
        return undefined;
    return growth.empty() ? undefined : *std::max_element(growth.begin(), growth.end());
}

void judge(Scale& scale, double limit)
{
    if (scale.non_finite > 0) {
        scale.state = State::fired;
        scale.cause = "non-finite";
        scale.reason = fmt::format("{} of the hidden states' norms are not finite", scale.non_finite);
    } else if (scale.growth.empty()) {
        scale.state = State::not_run;
        scale.reason = "the network has no blocks";
    } else if (scale.max_growth <= limit) {
        scale.state = State::passed;
    } else if (std::isnan(scale.max_growth)) {
        scale.state = State::fired;
        scale.cause = "undefined";
        scale.reason = "a block's growth of the median ‖h‖ is undefined";
    } else {
        const auto block =
            std::max_element(scale.growth.begin(), scale.growth.end()) - scale.growth.begin() + 1;
        scale.state = State::fired;
        scale.reason = fmt::format("block {} multiplies the median ‖h‖ by {:.3g} (at most {:g})", block,
                                   scale.max_growth, limit);
    }
}

} // namespace

Scale judge_scale(std::span<const double> hidden_norm, std::size_t layers, const Thresholds& thresholds)
{
    Scale scale;
    scale.non_finite = static_cast<std::size_t>(std::count_if(
        hidden_norm.begin(), hidden_norm.end(), [](double norm) { return !std::isfinite(norm); }));
    scale.hidden_norm = values(column_medians(hidden_norm, layers));
    for (std::size_t layer = 1; layer < layers; ++layer)
        scale.growth.push_back(scale.hidden_norm[layer] / scale.hidden_norm[layer - 1]);
    scale.max_growth = strict_max(scale.growth);
    if (!scale.growth.empty()) {
        scale.end_to_end_growth = scale.hidden_norm.back() / scale.hidden_norm.front();
        scale.warns_of_end_to_end_growth = !(scale.end_to_end_growth <= end_to_end_growth_warning);
    }
    judge(scale, thresholds.h_norm_explosion_ratio);
    return scale;
}

} // namespace fa::verdict
