#pragma once
/// Numerators and squared lengths of one layer under the direct rules: where the Γ engine's time goes.

#include "diagnostics/draw_block.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <span>
#include <vector>

namespace fa::diagnostics {

/// n = ⟨a, ĝ⟩ and q = ‖a‖² of N + 1 rows and R draws, row-major [N + 1, R], for a of the unit vector ŝ.
struct LayerProducts {
    LayerProducts(std::int64_t rows, std::int64_t most_draws);
    std::int64_t rows, draws;
    std::vector<float> numerator, square;
    std::vector<float> gamma; ///< numerator/√square, NaN where undefined

    /// Holds that many draws from now on, at most as many as when constructed.
    void hold(std::int64_t count);
    /// Γ of every pair from n and q.
    void divide();
    /// Replaces one pair by what was computed in double.
    void set(std::size_t at, double n, double q);
};

/// ŝ of N + 1 rows, [N + 1, C] contiguous float32.
struct InputRows {
    at::Tensor unit;
    std::vector<char> nonzero; ///< per row

    void hold(const at::Tensor& input);
    const float* row(std::size_t i) const;
};

/// The share of max_j ‖B_j‖² below which ‖Bŝ‖² is computed again in double: float32's error of q is about
/// 6e-8·max_j ‖B_j‖², which 0.02 keeps below the engine's tolerance; the second term is at least
/// 1e-4·λ_max(BᵀB) (design 9).
double fragile_share(std::int64_t classes) noexcept;

/// Bŝ of one row and draw in double, [d]: out_i = Σ_j B_ij s_j.
/// @param feedback  B, row-major
template <typename Input>
void multiply_in_double(const float* feedback, std::span<const Input> input, std::span<double> out)
{
    for (double& value : out) {
        value = 0.0;
        for (const Input& entry : input)
            value += static_cast<double>(*feedback++) * static_cast<double>(entry);
    }
}

/// The direct rules' products, layer by layer, in buffers that are made once.
class DirectProducts {
  public:
    /// @param rows  N + 1
    DirectProducts(const std::vector<models::MatrixShape>& shapes, std::int64_t rows,
                   std::int64_t most_draws);

    /// Overwrites `out`.
    /// @param reference  ĝ of that layer, [N + 1, d] contiguous float32
    void operator()(const at::Tensor& reference, const InputRows& input, const LayerDraws& draws,
                    LayerProducts& out);

    /// Bytes of the buffers of these shapes.
    static std::uint64_t bytes(const std::vector<models::MatrixShape>& shapes, std::int64_t rows,
                               std::int64_t most_draws);

  private:
    std::vector<float> product_; ///< ĝ·[B¹ … Bᴿ], or the comparison's scratch
    std::vector<float> matrix_;  ///< of one draw
    std::vector<double> credit_; ///< of one pair

    void by_gram(const at::Tensor& reference, const InputRows& input, const LayerDraws& draws,
                 LayerProducts& out);
    void directly(const at::Tensor& reference, const InputRows& input, const LayerDraws& draws,
                  LayerProducts& out);
    void refine(const at::Tensor& reference, const InputRows& input, const LayerDraws& draws,
                LayerProducts& out);
};

} // namespace fa::diagnostics
