#include "aggregation/group_variance.hpp"

#include "aggregation/common_factors.hpp"
#include "aggregation/variance_cache.hpp"
#include "store/layout.hpp"

#include <algorithm>
#include <optional>

namespace fa::aggregation {
namespace {

using Readers = std::vector<store::RunReader>;

constexpr std::uint64_t block_bytes = 64U << 20U; ///< of all runs' Γ: what is in memory at a time

Design design_of(const Readers& runs)
{
    const auto& attributes = runs.front().attributes();
    return {runs.size(), static_cast<std::size_t>(attributes.batches),
            static_cast<std::size_t>(attributes.batch_size), static_cast<std::size_t>(attributes.layers())};
}

/// Why the runs' values can't be laid side by side; empty where they can.
std::string not_crossed(const Readers& runs)
{
    const auto& first = runs.front().attributes();
    const auto all = [&](auto common) {
        return std::all_of(runs.begin(), runs.end(),
                           [&](const store::RunReader& run) { return common(first, run.attributes()); });
    };
    if (!all([](const auto& a, const auto& b) { return a.layers() == b.layers(); })) {
        return "the runs have different depths";
    }
    if (!all(batches_are_common)) {
        return "the runs' evaluation batches aren't common";
    }
    return "";
}

/// The draws of all runs side by side, read in blocks.
class Draws {
  public:
    explicit Draws(const Readers& runs) : runs_(runs), blocks_(runs.size())
    {
        const auto shape = runs.front().shape("gamma/fresh");
        draws_ = shape[0];
        per_draw_ = shape[1] * shape[2];
        rows_ = std::clamp<std::uint64_t>(block_bytes / (runs.size() * per_draw_ * sizeof(float)), 1,
                                          std::max<std::uint64_t>(draws_, 1));
    }

    std::uint64_t count() const { return draws_; }
    /// One span per run, valid until the next call.
    std::span<const std::span<const float>> operator[](std::uint64_t draw)
    {
        if (blocks_.front().empty() || draw / rows_ != block_) {
            block_ = draw / rows_;
            const auto first = block_ * rows_;
            for (std::size_t i = 0; i < runs_.size(); ++i) {
                blocks_[i] = runs_[i].read_rows<float>("gamma/fresh", first, std::min(rows_, draws_ - first));
            }
        }
        views_.clear();
        for (const auto& block : blocks_) {
            views_.push_back(std::span(block).subspan((draw - block_ * rows_) * per_draw_, per_draw_));
        }
        return views_;
    }

  private:
    const Readers& runs_;
    std::uint64_t draws_ = 0, per_draw_ = 0, rows_ = 1, block_ = 0;
    std::vector<std::vector<float>> blocks_;
    std::vector<std::span<const float>> views_;
};

/// Adds all draws. @returns the first draw with a value that is used and undefined, if any
std::optional<std::uint64_t> add_all(VarianceSums& sums, Draws& draws)
{
    for (std::uint64_t draw = 0; draw < draws.count(); ++draw) {
        if (!sums.add_draw(draws[draw])) {
            return draw;
        }
    }
    return std::nullopt;
}

/// Which Γ is undefined is a matter of the sample, not of the draw: nearly always one pass.
std::vector<SquaredTotals> totals_of_fresh(const Readers& runs)
{
    Draws draws(runs);
    std::vector<std::uint64_t> holes{0};
    while (true) {
        VarianceSums sums(design_of(runs));
        for (const auto draw : holes) {
            sums.leave_out_undefined(draws[draw]);
        }
        const auto hole = add_all(sums, draws);
        if (!hole) {
            return sums.totals();
        }
        holes.push_back(*hole);
    }
}

std::vector<std::string> digests_of(const Readers& runs)
{
    std::vector<std::string> digests;
    for (const auto& run : runs) {
        digests.push_back(run.attributes().digest);
    }
    return digests;
}

std::vector<SquaredTotals> cached_totals_of_fresh(const std::filesystem::path& store, const Readers& runs,
                                                  CacheUse cache)
{
    const auto digests = digests_of(runs);
    const auto columns = design_of(runs).columns();
    if (auto known = read_totals(store, digests); known && known->size() == columns) {
        return std::move(*known);
    }
    auto totals = totals_of_fresh(runs);
    if (cache == CacheUse::update) {
        write_totals(store, digests, totals);
    }
    return totals;
}

std::vector<SquaredTotals> totals_of_train(const Readers& runs)
{
    std::vector<std::vector<double>> values;
    for (const auto& run : runs) {
        values.push_back(run.read<double>("gamma/train"));
    }
    const std::vector<std::span<const double>> views(values.begin(), values.end());
    VarianceSums sums(design_of(runs));
    sums.leave_out_undefined(std::span(views));
    sums.add_draw(std::span(views)); // what is undefined has just been left out
    return sums.totals();
}

GammaVariance decompose_all(const std::vector<SquaredTotals>& totals, bool has_draws, ChiSquares& chi_squares)
{
    std::vector<LayerVariance> columns;
    std::vector<Decomposition> layers;
    for (std::size_t i = 0; i < totals.size(); ++i) {
        const bool is_mean = i + 1 == totals.size();
        columns.push_back({is_mean ? "layers=mean" : std::to_string(i), decompose(totals[i], has_draws),
                           totals[i].left_out, totals[i].seeds_left_out});
        if (!is_mean) {
            layers.push_back(columns.back().decomposition);
        }
    }
    std::rotate(columns.begin(), columns.end() - 1, columns.end());
    columns.insert(columns.begin(), LayerVariance{"all", average_of(layers), 0, 0});
    for (auto& column : columns) {
        add_intervals(column.decomposition, chi_squares);
    }
    return {std::move(columns), ""};
}

/// The runs that have a dataset.
Readers with(const std::filesystem::path& store, std::span<const std::string> names, const char* dataset)
{
    Readers runs;
    for (const auto& name : names) {
        store::RunReader run(store::Layout(store).run(name));
        if (run.has(dataset)) {
            runs.push_back(std::move(run));
        }
    }
    return runs;
}

GammaVariance of_train(const Readers& runs, ChiSquares& chi_squares)
{
    if (runs.empty()) {
        return {{}, "no run has a Γ_train"};
    }
    if (auto reason = not_crossed(runs); !reason.empty()) {
        return {{}, std::move(reason)};
    }
    return decompose_all(totals_of_train(runs), false, chi_squares);
}

GammaVariance of_fresh(const std::filesystem::path& store, const Readers& runs, ChiSquares& chi_squares,
                       CacheUse cache)
{
    if (runs.empty()) {
        return {{}, "no run has the samples of Γ_fresh (no draws, or --keep batches left them out)"};
    }
    if (auto reason = not_crossed(runs); !reason.empty()) {
        return {{}, std::move(reason)};
    }
    const auto& first = runs.front().attributes();
    if (!std::all_of(runs.begin(), runs.end(),
                     [&](const auto& run) { return draws_are_common(first, run.attributes()); })) {
        return {{}, "the runs' fresh draws aren't common"};
    }
    return decompose_all(cached_totals_of_fresh(store, runs, cache), true, chi_squares);
}

} // namespace

GroupVariance group_variance(const std::filesystem::path& store, std::span<const std::string> runs,
                             ChiSquares& chi_squares, CacheUse cache)
{
    GroupVariance variance; // one after the other: each closes its files
    variance.train = of_train(with(store, runs, "gamma/train"), chi_squares);
    const auto fresh = with(store, runs, "gamma/fresh");
    variance.fresh_digests = digests_of(fresh);
    variance.fresh = of_fresh(store, fresh, chi_squares, cache);
    return variance;
}

} // namespace fa::aggregation
