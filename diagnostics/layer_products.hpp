#pragma once
/// Numerators and squared lengths of one layer: where the Γ engine's time goes.

#include "diagnostics/draws.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace fa::diagnostics {

/// n and q of N + 1 rows and R draws, row-major [N + 1, R].
struct LayerProducts {
    LayerProducts(std::int64_t rows, std::int64_t draws)
        : rows(rows), draws(draws), numerator(static_cast<std::size_t>(rows * draws)),
          square(numerator.size()), gamma(numerator.size())
    {
    }
    std::int64_t rows, draws;
    std::vector<float> numerator; ///< ⟨Bê, ĝ⟩
    std::vector<float> square;    ///< ‖Bê‖²
    std::vector<float> gamma;     ///< numerator/√square, NaN where undefined
};

/// What all layers of a batch share: ê and, where some layer has Gram matrices, its products ê_j ê_k.
struct BatchError {
    BatchError(const at::Tensor& error, const DrawBlock& draws);
    at::Tensor unit;           ///< ê, [N + 1, C] float32
    at::Tensor squares;        ///< `packed_squares(unit)`, or undefined
    std::vector<bool> nonzero; ///< per row
};

/// Overwrites `out` with layer `layer`'s.
/// @param reference  ĝ of that layer, [N + 1, d] float32
void multiply(const at::Tensor& reference, const BatchError& error, const DrawBlock& draws, std::size_t layer,
              LayerProducts& out);

} // namespace fa::diagnostics
