/// The value of a strategy on one Γ[batch, sample, layer].
#include "aggregation/strategy.hpp"
#include "aggregation/strategy_evaluation.hpp"

#include <algorithm>
#include <cmath>

namespace fa::aggregation {
namespace {

using Form = Strategy::Form;
using Axis = Strategy::Axis;
using Reducer = Strategy::Reducer;

template <typename Number>
std::span<const Number> batches_reduced_by(const BasicGammaView<Number>& view, Reducer reducer)
{
    switch (reducer) {
    case Reducer::mean:
        return view.batch_mean;
    case Reducer::median:
        return view.batch_median;
    case Reducer::iqm:
        break;
    }
    return view.batch_iqm;
}

} // namespace

template <typename Number>
bool Strategy::computable(const BasicGammaView<Number>& view) const
{
    switch (form_) {
    case Form::batchvec:
        return !view.batchvec.empty();
    case Form::flat:
        return !view.flat.empty();
    case Form::concat:
        return !view.concat.empty();
    case Form::angle:
        return !view.samples.empty() || (!view.batch_angle.empty() && !view.batch_count.empty());
    case Form::gamma:
        break;
    }
    if (!view.samples.empty()) {
        return true;
    }
    const auto first = steps_.front();
    if (first.axis == Axis::pooled && first.reducer == Reducer::mean) {
        return !view.batch_mean.empty() && !view.batch_count.empty();
    }
    return first.axis == Axis::samples && !batches_reduced_by(view, first.reducer).empty();
}

template bool Strategy::computable(const GammaView&) const;
template bool Strategy::computable(const FreshGammaView&) const;

std::int64_t Strategy::undefined_values(const GammaView& view) const
{
    const auto uses_blocks_only =
        std::any_of(steps_.begin(), steps_.end(), [](const Step& step) { return step.axis == Axis::blocks; });
    const auto layers = form_ == Form::concat ? std::size_t{1} : static_cast<std::size_t>(view.layers);
    const auto values = form_ == Form::batchvec ? view.batchvec
                        : form_ == Form::flat   ? view.flat
                        : form_ == Form::concat ? view.concat
                                                : view.samples;
    std::int64_t count = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const bool used = !uses_blocks_only || i % layers != 0;
        count += used && std::isnan(values[i]) ? 1 : 0;
    }
    return count;
}

double Strategy::operator()(const GammaView& view) const
{
    StrategyEvaluation evaluate(std::span(this, 1));
    return evaluate(view).strategies.front();
}

} // namespace fa::aggregation
