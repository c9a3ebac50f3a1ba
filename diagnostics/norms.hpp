#pragma once
/// Norms and unit rows that neither underflow nor overflow, and the one NaN that is ever written.

#include <ATen/ATen.h>

namespace fa::diagnostics {

/// The same values with every NaN the canonical quiet one: payloads are not reproducible (design 7).
at::Tensor canonical_nan(const at::Tensor& values);

/// Row vectors as direction and length, so that a length of 1e-300 costs the direction nothing.
/// Everything that is said of a and g by sample is said of these.
struct SampleVectors {
    at::Tensor unit; ///< [N, d]; a NaN row where the vector has no direction: zero or not finite
    at::Tensor norm; ///< [N]; 0 and non-finite lengths as they are
};

/// By our own kernel on the CPU, elsewhere by LibTorch's operations.
/// @param rows  [N, d] float64
SampleVectors sample_vectors(const at::Tensor& rows);
/// The same definition by LibTorch's operations, wherever the rows are: another order of the sums.
SampleVectors sample_vectors_by_operations(const at::Tensor& rows);
/// The same for rows × factor, the product never formed.
/// @param factor  [N] float64, not negative
SampleVectors sample_vectors(const at::Tensor& rows, const at::Tensor& factor);

/// Euclidean norm of each row, [N]: squares are taken of entries relative to the row's largest.
at::Tensor row_norms(const at::Tensor& rows);

} // namespace fa::diagnostics
