#include "aggregation/bootstrap.hpp"

#include "aggregation/statistics.hpp"
#include "diagnostics/normal.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace fa::aggregation {
namespace {

constexpr std::uint64_t bootstrap_seed = 0;

constexpr std::size_t together = 8;         ///< columns whose sums stay in registers
constexpr std::size_t most_drawn = 1 << 16; ///< indices that are kept to be used for each run

/// All strategies of a draw side by side, so that to draw it is to add one row. Rows are filled up with
/// zeros.
class DrawRows {
  public:
    explicit DrawRows(const DrawValues& strategies)
        : draws_(strategies.empty() ? 0 : strategies.front().size()),
          width_((strategies.size() + together - 1) / together * together),
          values_(rows_of(strategies, [](double value) { return value == value ? value : 0.0; })),
          sum_(width_), defined_in_sum_(width_)
    {
        const auto is_whole = [](const auto& column) {
            return count_defined(column) == static_cast<std::int64_t>(column.size());
        };
        if (!std::all_of(strategies.begin(), strategies.end(), is_whole)) {
            defined_ = rows_of(strategies, [](double value) { return value == value ? 1.0 : 0.0; });
        }
    }

    std::size_t draws() const { return draws_; }

    /// Adds a replicate of each strategy.
    void add_means(std::span<const std::uint32_t> drawn, std::span<Replicates> to)
    {
        sum(values_, drawn, sum_);
        if (defined_.empty()) {
            std::fill(defined_in_sum_.begin(), defined_in_sum_.end(), static_cast<double>(draws_));
        } else {
            sum(defined_, drawn, defined_in_sum_);
        }
        for (std::size_t i = 0; i < to.size(); ++i) {
            to[i].push_back(defined_in_sum_[i] > 0 ? sum_[i] / defined_in_sum_[i] : undefined);
        }
    }

  private:
    template <typename Entry>
    std::vector<double> rows_of(const DrawValues& strategies, Entry entry) const
    {
        std::vector<double> rows(draws_ * width_);
        for (std::size_t i = 0; i < strategies.size(); ++i) {
            for (std::size_t draw = 0; draw < draws_; ++draw) {
                rows[draw * width_ + i] = entry(strategies[i][draw]);
            }
        }
        return rows;
    }

    /// Sums of the rows drawn, [width].
    void sum(const std::vector<double>& rows, std::span<const std::uint32_t> drawn,
             std::span<double> to) const
    {
        for (std::size_t first = 0; first < width_; first += together) {
            std::array<double, together> sums{};
            for (const auto draw : drawn) {
                const double* const row = rows.data() + draw * width_ + first;
                for (std::size_t i = 0; i < together; ++i) {
                    sums[i] += row[i];
                }
            }
            std::copy(sums.begin(), sums.end(), to.begin() + static_cast<std::ptrdiff_t>(first));
        }
    }

    std::size_t draws_, width_;
    std::vector<double> values_;  ///< [R, width]; 0 where undefined
    std::vector<double> defined_; ///< 1, and 0 where undefined; empty where nothing is
    std::vector<double> sum_, defined_in_sum_;
};

/// Draws each replicate once for all runs with the same number of draws; a run's rows stay in the cache for
/// some replicates.
void add_replicates(std::span<DrawRows> runs, std::size_t draws, std::size_t replicates,
                    std::span<std::vector<Replicates>> results)
{
    const auto block = std::max<std::size_t>(most_drawn / draws, 1);
    std::vector<std::uint32_t> drawn(block * draws);
    for (std::size_t first = 0; first < replicates; first += block) {
        const auto count = std::min(block, replicates - first);
        const auto of = [&](std::size_t i) { return std::span(drawn).subspan(i * draws, draws); };
        for (std::size_t i = 0; i < count; ++i) {
            resample(static_cast<std::uint32_t>(first + i), Factor::draws, of(i));
        }
        for (std::size_t run = 0; run < runs.size(); ++run) {
            if (runs[run].draws() != draws) {
                continue;
            }
            for (std::size_t i = 0; i < count; ++i) {
                runs[run].add_means(of(i), results[run]);
            }
        }
    }
}

} // namespace

void resample(std::uint32_t replicate, Factor factor, std::span<std::uint32_t> indices)
{
    random::fill_words({.seed = bootstrap_seed,
                        .purpose = random::bootstrap,
                        .draw = replicate,
                        .layer = static_cast<std::uint32_t>(factor)},
                       0, indices);
    for (auto& index : indices) {
        index = static_cast<std::uint32_t>((std::uint64_t{index} * indices.size()) >> 32); // ⌊u · count⌋
    }
}

std::vector<std::uint32_t> resampled(std::uint32_t replicate, Factor factor, std::size_t count)
{
    std::vector<std::uint32_t> indices(count);
    resample(replicate, factor, indices);
    return indices;
}

std::vector<std::vector<Replicates>> over_draws(std::span<const DrawValues* const> runs,
                                                std::size_t replicates)
{
    std::vector<std::vector<Replicates>> results;
    std::vector<DrawRows> rows;
    std::set<std::size_t> numbers;
    for (const auto* run : runs) {
        results.emplace_back(run->size());
        rows.emplace_back(*run);
        numbers.insert(rows.back().draws());
    }
    numbers.erase(0);
    for (const auto draws : numbers) {
        add_replicates(rows, draws, replicates, results);
    }
    return results;
}

BootstrapInterval interval_of(std::span<const double> replicates)
{
    const auto ends = quantiles(replicates, {0.025, 0.975});
    return {ends[0], ends[1]};
}

Replicates over_seeds(std::span<const Replicates> runs, Factor factor)
{
    Replicates means;
    if (runs.size() < 2) {
        return means;
    }
    std::vector<double> drawn(runs.size());
    std::vector<std::uint32_t> seeds(runs.size());
    for (std::uint32_t replicate = 0; replicate < runs.front().size(); ++replicate) {
        resample(replicate, factor, seeds);
        std::transform(seeds.begin(), seeds.end(), drawn.begin(), [&](std::uint32_t i) {
            return replicate < runs[i].size() ? runs[i][replicate] : undefined;
        });
        means.push_back(mean(drawn));
    }
    return means;
}

} // namespace fa::aggregation
