#include "aggregation/pitfalls.hpp"

#include "aggregation/statistics.hpp"
#include "aggregation/train_gamma.hpp"

#include <algorithm>

namespace fa::aggregation {
namespace {

/// Statistics of a dataset's columns [rows, L+1]; NaN for each where the run has no such dataset.
template <typename Statistic>
std::vector<double> by_layer(const store::RunReader& run, const std::string& dataset, Statistic statistic)
{
    const auto layers = static_cast<std::size_t>(run.attributes().layers());
    std::vector<double> result(layers, undefined);
    if (run.has(dataset)) {
        const auto table = run.read<double>(dataset);
        for (std::size_t layer = 0; layer < layers; ++layer) {
            result[layer] = statistic(column(table, layers, layer));
        }
    }
    return result;
}

double share_of_ones(const std::vector<double>& values)
{
    const auto defined = count_defined(values);
    return defined == 0 ? undefined
                        : static_cast<double>(std::count(values.begin(), values.end(), 1.0)) /
                              static_cast<double>(defined);
}

} // namespace

Pitfalls read_pitfalls(const store::RunReader& run, const std::vector<double>& gamma,
                       const std::vector<double>& centered, const std::vector<double>& gradient_norm)
{
    const auto means = [&](const char* name) {
        return by_layer(run, std::string("pitfalls/") + name,
                        [](const auto& values) { return mean(values); });
    };
    const auto rows_lost = [&](const char* name) {
        return by_layer(run, std::string("pitfalls/") + name, share_of_ones);
    };
    const auto clamped_old = means("clamped_old");
    const auto clamped_new = means("clamped_new");
    const auto float32_gamma = means("float32_gamma");
    const auto fp16_gamma = means("fp16_gamma");
    const auto fp16_lost = means("fp16_lost");
    const auto fp16_rows = rows_lost("fp16_lost");
    const auto bf16_gamma = means("bf16_gamma");
    const auto bf16_lost = means("bf16_lost");
    const auto bf16_rows = rows_lost("bf16_lost");
    const auto overflow = means("fp16_hidden_overflow");
    const auto minus_one =
        by_layer(run, "pitfalls/norm_minus_one", [](const auto& values) { return median(values); });

    Pitfalls pitfalls;
    pitfalls.of_fresh_draw = !run.has("gamma/train") && run.attributes().draws > 0;
    for (std::size_t l = 0; l < gamma.size(); ++l) {
        pitfalls.layers.push_back({gamma[l], clamped_old[l], clamped_new[l], float32_gamma[l], fp16_gamma[l],
                                   fp16_lost[l], fp16_rows[l], bf16_gamma[l], bf16_lost[l], bf16_rows[l],
                                   overflow[l], minus_one[l], gradient_norm[l], centered[l]});
    }
    return pitfalls;
}

} // namespace fa::aggregation
