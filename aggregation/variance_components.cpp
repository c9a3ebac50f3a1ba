#include "aggregation/variance_components.hpp"

#include "aggregation/join.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace fa::aggregation {
namespace {

/// Numbers by level of seed, draw and place, row major.
struct Lattice {
    std::array<std::size_t, 3> shape;
    std::vector<double> values;

    explicit Lattice(std::array<std::size_t, 3> of) : shape(of), values(of[0] * of[1] * of[2]) {}

    std::size_t stride(std::size_t axis) const
    {
        return axis == 2 ? 1 : axis == 1 ? shape[2] : shape[1] * shape[2];
    }
    std::array<std::size_t, 3> levels(std::size_t flat) const
    {
        return {flat / stride(0), flat / shape[2] % shape[1], flat % shape[2]};
    }

    /// Calls change(value, the next level's) along one axis after the other, each from the lowest level up
    /// or from the highest down.
    template <typename Change>
    void along_axes(bool from_the_highest, Change change)
    {
        for (std::size_t axis = 0; axis < 3; ++axis) {
            const auto step = stride(axis);
            const auto last = shape[axis] - 1;
            for (std::size_t first = 0; first < values.size(); first += step * shape[axis]) {
                for (std::size_t i = 0; i < step * last; ++i) {
                    const auto lower = first + (from_the_highest ? step * last - 1 - i : i);
                    change(values[lower], values[lower + step]);
                }
            }
        }
    }

    /// Along every axis: adds `sign` times the next level's value.
    void combine_with_next(double sign, bool from_the_highest)
    {
        along_axes(from_the_highest, [&](double& value, double next) { value += sign * next; });
    }

    /// Along every axis: takes the level's value before off.
    void subtract_previous()
    {
        along_axes(true, [](double value, double& next) { next -= value; });
    }
};

/// Which levels of sharing the design has, and how many levels its factors.
struct Axes {
    std::array<std::vector<std::size_t>, 3> shared; ///< per axis: places of Shared, ascending
    double seeds, draws, batches, samples, sum_of_squares;

    explicit Axes(const SquaredTotals& totals)
        : seeds(static_cast<double>(totals.seeds)), draws(static_cast<double>(totals.draws)),
          batches(static_cast<double>(totals.batch_sizes.size())), samples(0), sum_of_squares(0)
    {
        for (const auto size : totals.batch_sizes) {
            samples += static_cast<double>(size);
            sum_of_squares += static_cast<double>(size) * static_cast<double>(size);
        }
        using Levels = std::vector<std::size_t>;
        shared[0] = seeds > 1 ? Levels{0, 1} : Levels{1};
        shared[1] = draws > 1 ? Levels{0, 1} : Levels{1};
        shared[2] = batches > 1 ? Levels{0} : Levels{};
        if (samples > batches) {
            shared[2].push_back(1); // batches of one sample are the samples
        }
        shared[2].push_back(2);
    }

    std::array<std::size_t, 3> shape() const
    {
        return {shared[0].size(), shared[1].size(), shared[2].size()};
    }
    Shared at(std::array<std::size_t, 3> levels) const
    {
        return {shared[0][levels[0]], shared[1][levels[1]], shared[2][levels[2]]};
    }
    /// Ordered pairs of values that share at least this much.
    double pairs(Shared s) const
    {
        const double places = s.place == 0 ? samples * samples : s.place == 1 ? sum_of_squares : samples;
        return (s.seed == 0 ? seeds * seeds : seeds) * (s.draw == 0 ? draws * draws : draws) * places;
    }
};

Source source_of(const Axes& axes, std::array<std::size_t, 3> levels)
{
    Source source;
    source.freedom = 1;
    const auto factor = [&](const char* name, double count, double freedom) {
        add_word(source.name, " × ", name);
        source.levels *= count;
        source.freedom *= freedom;
    };
    if (levels[0] > 0) {
        factor("seed", axes.seeds, axes.seeds - 1);
    }
    if (levels[1] > 0) {
        factor("draw", axes.draws, axes.draws - 1);
    }
    if (levels[2] > 0) {
        const bool is_batch = axes.shared[2][levels[2]] == 1;
        const bool has_batches = axes.shared[2].size() == 3;
        // A mean over batches of different sizes divides their variance by (Σ n_b)²/Σ n_b².
        is_batch ? factor("batch", axes.samples * axes.samples / axes.sum_of_squares, axes.batches - 1)
                 : factor("sample", axes.samples, axes.samples - (has_batches ? axes.batches : 1));
    }
    return source;
}

std::vector<std::string> lacking(const Axes& axes, bool has_draws)
{
    std::vector<std::string> factors;
    if (axes.shared[0].size() < 2) {
        factors.emplace_back("seed");
    }
    if (has_draws && axes.shared[1].size() < 2) {
        factors.emplace_back("draw");
    }
    const auto& places = axes.shared[2];
    if (places.size() < 3) {
        factors.emplace_back(places.size() == 2 && places.front() == 0 ? "sample within batch" : "batch");
    }
    if (places.size() < 2) {
        factors.emplace_back("sample");
    }
    return factors;
}

void add_shares(Decomposition& decomposition)
{
    double total = 0, of_mean = 0;
    for (const auto& source : decomposition.sources) {
        total += source.estimate; // unbiased; a sum of clipped ones would take the larger shares down
        of_mean += source.variance() / source.levels;
    }
    for (auto& source : decomposition.sources) {
        source.share = total > 0 ? std::clamp(source.estimate / total, 0.0, 1.0) : undefined;
        source.mean_share = of_mean > 0 ? source.variance() / source.levels / of_mean : undefined;
    }
}

/// Mean squares times their number of values: what add_intervals varies. [sources + 1], the first unused.
Lattice mean_squares(const Decomposition& decomposition)
{
    Lattice lattice(decomposition.shape);
    for (std::size_t i = 1; i < lattice.values.size(); ++i) {
        const auto& source = decomposition.sources[i - 1];
        lattice.values[i] = source.estimate / source.levels;
    }
    lattice.combine_with_next(1, true);
    for (auto& value : lattice.values) {
        value = std::max(value, 0.0); // batches of different sizes can bring it below
    }
    return lattice;
}

} // namespace

Decomposition decompose(const SquaredTotals& totals, bool has_draws)
{
    Decomposition result;
    const Axes axes(totals);
    if (totals.seeds == 0 || totals.draws == 0 || totals.batch_sizes.empty()) {
        return result;
    }
    result.mean = totals.mean;
    result.not_estimable = lacking(axes, has_draws);
    result.shape = axes.shape();
    Lattice products(result.shape), pairs(result.shape);
    for (std::size_t i = 0; i < products.values.size(); ++i) {
        const auto shared = axes.at(products.levels(i));
        products.values[i] = totals.squares[index_of(shared)];
        pairs.values[i] = axes.pairs(shared);
    }
    // From "share at least this" to "share exactly this", then mean products, then what each level adds.
    products.combine_with_next(-1, false);
    pairs.combine_with_next(-1, false);
    for (std::size_t i = 0; i < products.values.size(); ++i) {
        products.values[i] /= pairs.values[i];
    }
    products.subtract_previous();
    for (std::size_t i = 1; i < products.values.size(); ++i) {
        result.sources.push_back(source_of(axes, products.levels(i)));
        result.sources.back().estimate = products.values[i];
    }
    add_shares(result);
    return result;
}

Decomposition average_of(std::span<const Decomposition> columns)
{
    Decomposition average;
    if (columns.empty()) {
        return average;
    }
    average = columns.front();
    const auto n = static_cast<double>(columns.size());
    for (const auto& column : columns.subspan(1)) {
        if (column.shape != average.shape || column.sources.size() != average.sources.size()) {
            return {};
        }
        average.mean += column.mean;
        for (std::size_t i = 0; i < column.sources.size(); ++i) {
            average.sources[i].estimate += column.sources[i].estimate;
            average.sources[i].levels += column.sources[i].levels;
            average.sources[i].freedom += column.sources[i].freedom;
        }
    }
    average.mean /= n;
    for (auto& source : average.sources) {
        source.estimate /= n;
        source.levels /= n;
        source.freedom /= n;
    }
    add_shares(average);
    return average;
}

void add_intervals(Decomposition& decomposition, ChiSquares& chi_squares)
{
    const auto observed = mean_squares(decomposition);
    auto& sources = decomposition.sources;
    std::vector<std::span<const double>> chi;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        chi.push_back(chi_squares.of(i, sources[i].freedom));
    }
    std::vector<std::vector<double>> shares(sources.size());
    auto varied = observed;
    for (std::size_t replicate = 0; replicate < chi_squares.replicates(); ++replicate) {
        varied.values = observed.values; // in the memory that is there
        for (std::size_t i = 0; i < sources.size(); ++i) {
            varied.values[i + 1] *= sources[i].freedom / chi[i][replicate];
        }
        varied.combine_with_next(-1, false);
        double total = 0;
        for (std::size_t i = 0; i < sources.size(); ++i) {
            varied.values[i + 1] *= sources[i].levels;
            total += varied.values[i + 1];
        }
        for (std::size_t i = 0; total > 0 && i < sources.size(); ++i) {
            shares[i].push_back(std::clamp(varied.values[i + 1] / total, 0.0, 1.0));
        }
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        sources[i].interval = interval_of(shares[i]);
    }
}

} // namespace fa::aggregation
