#pragma once
/// Sums of squared totals of Γ[seed, draw, batch, sample], collected in one pass over the draws: all that a
/// variance decomposition needs of data that are too large to keep.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace fa::aggregation {

/// The sizes of a crossed design: seeds × draws × samples, samples nested in batches of equal size.
struct Design {
    std::size_t seeds = 1, batches = 1, batch_size = 1;
    std::size_t layers = 1; ///< L + 1

    std::size_t samples() const { return batches * batch_size; }
    /// What is decomposed: each layer by itself, and each sample's mean over the layers.
    std::size_t columns() const { return layers + 1; }
};

/// What two values of Γ share at least, by seed (not, the same), draw (not, the same) and place (nothing, the
/// batch, the sample).
struct Shared {
    std::size_t seed, draw, place;
};
inline constexpr std::size_t patterns = 2 * 2 * 3;
constexpr std::size_t index_of(Shared shared)
{
    return (shared.seed * 2 + shared.draw) * 3 + shared.place;
}

/// Of one column.
struct SquaredTotals {
    /// By index_of: Σ over the cells that share this much of (the sum of the cell's values)², the values
    /// taken from a number near their mean, so that nothing small is lost in the difference of large squares.
    std::array<double, patterns> squares{};
    double mean = 0;
    std::size_t seeds = 0, draws = 0;
    std::vector<std::size_t>
        batch_sizes;                ///< samples that are used, by batch; batches without one are left out
    std::size_t left_out = 0;       ///< samples with an undefined value
    std::size_t seeds_left_out = 0; ///< seeds whose column is wholly undefined
};

class VarianceSums {
  public:
    explicit VarianceSums(const Design& design);

    /// Takes the seeds and samples out whose Γ is undefined in this draw: a decomposition needs every value
    /// of the samples it uses. A sample that one seed lacks is out for all. To be called with one draw (or
    /// several, one after another) before the first is added.
    /// @param seeds  one span each, [samples, layers]
    template <typename Number>
    void leave_out_undefined(std::span<const std::span<const Number>> seeds);

    /// @param seeds  one span each, [samples, layers]
    /// @returns      false if a value that is used is undefined: what was collected is then of no use; begin
    ///               again, and leave_out_undefined of this draw too
    template <typename Number>
    bool add_draw(std::span<const std::span<const Number>> seeds);

    /// [columns]; for no draws everything is 0.
    std::vector<SquaredTotals> totals() const;

  private:
    struct Column {
        std::vector<char> seed_used;    ///< [seeds]
        std::vector<char> sample_used;  ///< [samples]
        std::vector<double> values;     ///< of the draw at hand, [seeds, samples]; 0 where not used
        std::vector<double> over_draws; ///< [seeds, samples]
        double near_mean = 0;           ///< what values are taken from
    };
    template <typename Number>
    void fill(std::span<const std::span<const Number>> seeds);
    bool is_used(const Column& column, std::size_t place) const
    {
        return column.seed_used[place / design_.samples()] != 0 &&
               column.sample_used[place % design_.samples()] != 0;
    }
    void leave_out(Column& column) const;
    /// Moves the values that are used, sets the others to 0. @returns false if one that is used is undefined
    bool move(Column& column) const;
    /// Adds the squared totals of values[seeds, samples] to those that share `draw`.
    void add_squares(std::span<const double> values, std::size_t draw, std::span<double, patterns> to) const;

    Design design_;
    std::size_t draws_ = 0;
    std::vector<Column> columns_;
    std::vector<std::array<double, patterns>> squares_; ///< [columns]
    mutable std::vector<double> over_seeds_;            ///< [samples]
};

} // namespace fa::aggregation
