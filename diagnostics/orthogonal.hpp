#pragma once
#include "diagnostics/normal.hpp"

#include <cstdint>
#include <span>

namespace fa::random {

/// A random matrix with orthogonal columns of length scale·√rows, so that its entries have root mean square
/// `scale`; where rows < columns its rows are orthogonal, of length scale·√columns.
///
/// Modified Gram–Schmidt in double on the stream's normals, vectors in order, sums in order of their index:
/// the same bits everywhere. (Signs are as they fall, which is the uniform distribution over such matrices.)
/// @param out  [rows, columns] row-major, rounded to float once
/// @throws std::invalid_argument if `out` isn't rows·columns long
void fill_orthogonal(const Stream& stream, std::int64_t rows, std::int64_t columns, double scale,
                     std::span<float> out);

} // namespace fa::random
