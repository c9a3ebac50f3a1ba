#pragma once
/// How Γ of a run's draws is cut for a device, decided by shapes alone: bits never depend on ranks or on free
/// memory.

#include <cstdint>
#include <vector>

namespace fa::diagnostics::device {

/// How draws come about there.
enum class DrawKind {
    normal,
    uniform,
    rademacher,
    given, ///< made by the CPU and copied: orthogonal and permute, whose elements depend on each other
};

/// Sums of float32 over the pairs of classes run over so many at most, and those are added in double: in one
/// piece the 45 150 pairs of 300 classes cost 2.4e-6 of a Γ near 1.
inline constexpr std::int64_t pairs_per_piece = 1024;

struct PlannedLayer {
    std::int64_t width, columns; ///< B_l is [width, columns]
    std::int64_t first_unit = 0; ///< Σ widths of the layers below
    std::int64_t first_entry =
        0; ///< where its matrix begins in one draw's memory; layer 0's where feedback is shared
    std::int64_t table = 0;   ///< its place among the tables of n and q: layers in the Gram form come first
    bool gram = false;        ///< direct rules: ‖Bŝ‖² by BᵀB, else by Bŝ itself
    std::uint32_t stream = 0; ///< of its random numbers
    double scale = 1.0;       ///< standard deviation of its entries
    double gain = 1.0;        ///< LayerDraws::gain
};

/// Batches are measured in windows of a few whole ones, each N samples and the row of their mean, filled up
/// to a multiple of 32 rows. Tables have the row innermost: threads of neighbouring rows read neighbouring
/// numbers.
struct GammaPlan {
    bool chain = false;      ///< a_l = B_l a_{l+1} below L, else B_l s
    bool skip = false;       ///< … + a_{l+1}
    bool gated = false;      ///< σ′ between the matrices
    bool gate_first = false; ///< credit is compared with its layer's gates on it
    bool shared = false;
    DrawKind draws = DrawKind::normal;
    std::uint64_t seed = 0;
    std::int64_t samples = 0; ///< N of a batch
    std::int64_t batches = 0;
    std::int64_t most_draws = 0; ///< of a block
    float fragile_share = 0.0F;  ///< diagnostics::fragile_share
    std::vector<PlannedLayer> layers;

    // Decided by `cut`:
    std::int64_t window_batches = 0; ///< W
    bool keep_pairs = false; ///< pair products of all windows stay, else each is made again for every block

    std::int64_t layer_count() const { return static_cast<std::int64_t>(layers.size()); }
    std::int64_t all_samples() const { return samples * batches; }
    std::int64_t classes() const { return layers.back().columns; }
    std::int64_t units() const;          ///< Σ widths
    std::int64_t entries() const;        ///< of all matrices of one draw
    std::int64_t widest() const;         ///< max width
    std::int64_t largest_matrix() const; ///< entries
    std::int64_t gram_layers() const;
    std::int64_t pairs() const { return classes() * (classes() + 1) / 2; }
    /// Pieces that a sum over pairs is taken in.
    std::int64_t pair_pieces() const { return (pairs() + pairs_per_piece - 1) / pairs_per_piece; }

    std::int64_t windows() const { return (batches + window_batches - 1) / window_batches; }
    std::int64_t batches_in(std::int64_t window) const;
    std::int64_t rows(std::int64_t window) const;      ///< filled up
    std::int64_t first_row(std::int64_t window) const; ///< rows of the windows before
    std::int64_t all_rows() const { return first_row(windows()); }

    /// Floats of the results of a block: gamma [R_b, S, L+1], batchvec and flat [R_b, B, L+1], concat [R_b,
    /// S].
    std::int64_t result_floats(std::int64_t draws) const
    {
        return draws * (layer_count() * (all_samples() + 2 * batches) + all_samples());
    }
};

/// Fills in everything that follows from the rule, the shapes ([width, columns]), N, B and the draws in a
/// block.
/// @param window_bytes  about what a window's tables may take (at least one batch is taken at a time)
void cut(GammaPlan& plan, std::int64_t window_bytes = std::int64_t{512} << 20);

} // namespace fa::diagnostics::device
