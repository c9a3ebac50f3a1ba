#include "aggregation/variance_sums.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fa::aggregation {

VarianceSums::VarianceSums(const Design& design)
    : design_(design), columns_(design.columns()), squares_(design.columns()), over_seeds_(design.samples())
{
    const auto cells = design.seeds * design.samples();
    for (auto& column : columns_) {
        column.seed_used.assign(design.seeds, 1);
        column.sample_used.assign(design.samples(), 1);
        column.values.assign(cells, 0.0);
        column.over_draws.assign(cells, 0.0);
    }
}

/// Every column's values of one draw; undefined ones stay NaN.
template <typename Number>
void VarianceSums::fill(std::span<const std::span<const Number>> seeds)
{
    const auto layers = design_.layers;
    const auto samples = design_.samples();
    for (std::size_t seed = 0; seed < design_.seeds; ++seed) {
        for (std::size_t sample = 0; sample < samples; ++sample) {
            const auto place = seed * samples + sample;
            double sum = 0;
            for (std::size_t layer = 0; layer < layers; ++layer) {
                const auto value = static_cast<double>(seeds[seed][sample * layers + layer]);
                columns_[layer].values[place] = value;
                sum += value;
            }
            columns_[layers].values[place] = sum / static_cast<double>(layers);
        }
    }
}

void VarianceSums::leave_out(Column& column) const
{
    const auto samples = design_.samples();
    const auto is_undefined = [](double value) { return std::isnan(value); };
    for (std::size_t seed = 0; seed < design_.seeds; ++seed) {
        const auto own = std::span(column.values).subspan(seed * samples, samples);
        if (std::all_of(own.begin(), own.end(), is_undefined)) {
            column.seed_used[seed] = 0;
            continue;
        }
        for (std::size_t sample = 0; sample < samples; ++sample) {
            if (is_undefined(own[sample])) {
                column.sample_used[sample] = 0;
            }
        }
    }
}

template <typename Number>
void VarianceSums::leave_out_undefined(std::span<const std::span<const Number>> seeds)
{
    fill(seeds);
    for (auto& column : columns_) {
        leave_out(column);
        double sum = 0, count = 0;
        for (std::size_t place = 0; place < column.values.size(); ++place) {
            if (is_used(column, place)) {
                sum += column.values[place];
                ++count;
            }
        }
        column.near_mean = count > 0 ? sum / count : 0.0;
    }
}

bool VarianceSums::move(Column& column) const
{
    for (std::size_t place = 0; place < column.values.size(); ++place) {
        auto& value = column.values[place];
        if (!is_used(column, place)) {
            value = 0.0;
        } else if (std::isnan(value)) {
            return false;
        } else {
            value -= column.near_mean;
        }
    }
    return true;
}

template <typename Number>
bool VarianceSums::add_draw(std::span<const std::span<const Number>> seeds)
{
    fill(seeds);
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        auto& column = columns_[c];
        if (!move(column)) {
            return false;
        }
        for (std::size_t place = 0; place < column.values.size(); ++place) {
            column.over_draws[place] += column.values[place];
        }
        add_squares(column.values, 1, squares_[c]);
    }
    ++draws_;
    return true;
}

void VarianceSums::add_squares(std::span<const double> values, std::size_t draw,
                               std::span<double, patterns> to) const
{
    const auto samples = design_.samples();
    std::fill(over_seeds_.begin(), over_seeds_.end(), 0.0);
    const auto add = [&](std::span<const double> row, std::size_t seed) {
        double total = 0;
        double& squared_values = to[index_of({seed, draw, 2})];
        double& squared_batches = to[index_of({seed, draw, 1})];
        for (std::size_t batch = 0; batch < design_.batches; ++batch) {
            double in_batch = 0;
            for (std::size_t i = 0; i < design_.batch_size; ++i) {
                const double value = row[batch * design_.batch_size + i];
                in_batch += value;
                squared_values += value * value;
            }
            squared_batches += in_batch * in_batch;
            total += in_batch;
        }
        to[index_of({seed, draw, 0})] += total * total;
    };
    for (std::size_t seed = 0; seed < design_.seeds; ++seed) {
        const auto row = values.subspan(seed * samples, samples);
        add(row, 1);
        for (std::size_t sample = 0; sample < samples; ++sample) {
            over_seeds_[sample] += row[sample];
        }
    }
    add(over_seeds_, 0);
}

std::vector<SquaredTotals> VarianceSums::totals() const
{
    std::vector<SquaredTotals> result;
    for (std::size_t c = 0; c < columns_.size(); ++c) {
        const auto& column = columns_[c];
        SquaredTotals totals;
        totals.squares = squares_[c];
        add_squares(column.over_draws, 0, totals.squares);
        totals.seeds_left_out =
            static_cast<std::size_t>(std::count(column.seed_used.begin(), column.seed_used.end(), 0));
        totals.seeds = design_.seeds - totals.seeds_left_out;
        totals.draws = draws_;
        for (std::size_t batch = 0; batch < design_.batches; ++batch) {
            const auto first =
                column.sample_used.begin() + static_cast<std::ptrdiff_t>(batch * design_.batch_size);
            const auto used = static_cast<std::size_t>(
                std::count(first, first + static_cast<std::ptrdiff_t>(design_.batch_size), 1));
            totals.left_out += design_.batch_size - used;
            if (used > 0) {
                totals.batch_sizes.push_back(used);
            }
        }
        const auto count = static_cast<double>((design_.samples() - totals.left_out) * totals.seeds * draws_);
        totals.mean = column.near_mean +
                      std::accumulate(column.over_draws.begin(), column.over_draws.end(), 0.0) / count;
        result.push_back(std::move(totals));
    }
    return result;
}

#define FA_FOR(Number)                                                                                       \
    template void VarianceSums::leave_out_undefined(std::span<const std::span<const Number>>);               \
    template bool VarianceSums::add_draw(std::span<const std::span<const Number>>);
FA_FOR(float)
FA_FOR(double)
#undef FA_FOR

} // namespace fa::aggregation
