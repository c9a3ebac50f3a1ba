#pragma once
/// The pitfalls' columns of a run, summarised by layer (design 2, "Pitfalls made visible";
/// protocol/pitfalls.md).

#include "store/reader.hpp"

#include <vector>

namespace fa::aggregation {

/// Means over the samples where nothing else is said; NaN where the run has no such column.
struct LayerPitfalls {
    double gamma;             ///< the true pooled mean, of the feedback that the other columns use
    double clamped_old;       ///< what F.cosine_similarity of PyTorch ≤ 1.11 would have printed
    double clamped_new;       ///< … of PyTorch ≥ 1.12
    double float32_gamma;     ///< Γ by the usual float32 path
    double fp16_gamma;        ///< Γ after the cast of g to fp16
    double fp16_entries_lost; ///< share of g's nonzero entries that became zero
    double fp16_rows_lost;    ///< share of the samples whose whole g became zero
    double bf16_gamma;
    double bf16_entries_lost;
    double bf16_rows_lost;
    double fp16_hidden_overflow; ///< share of h's entries beyond 65504
    double norm_minus_one; ///< what `.norm(-1)` returns for a batch's gradients: median over the batches
    double gradient_norm;  ///< the true one: median ‖g_l‖
    double centered_gamma; ///< Γ_train against g minus its batch mean
};

struct Pitfalls {
    std::vector<LayerPitfalls> layers; ///< [L+1]
    bool of_fresh_draw = false;        ///< the Γ columns use fresh draw 0: the run has no training feedback
};

/// @param gamma          pooled mean by layer of Γ_train, or of fresh draw 0 where there is none, [L+1]
/// @param centered       of gamma/centered_train, [L+1]
/// @param gradient_norm  medians, [L+1]
/// @throws store::StoreError
Pitfalls read_pitfalls(const store::RunReader& run, const std::vector<double>& gamma,
                       const std::vector<double>& centered, const std::vector<double>& gradient_norm);

} // namespace fa::aggregation
