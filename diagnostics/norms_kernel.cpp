/// Compiled once per instruction set (FA_KERNEL). As in random_kernel.cpp nothing comes from a header's
/// inline functions. A row stays in cache over its three passes; sums run in `lanes` interleaved partial
/// sums, an order that the code fixes and every set keeps.

#include "diagnostics/norms_kernel.hpp"

#define FA_JOIN_NAMES(a, b) a##b
#define FA_KERNEL_SYMBOL(name) FA_JOIN_NAMES(norms_kernel_, name)

namespace fa::diagnostics {
namespace {

constexpr std::int64_t lanes = 32;
constexpr double nan = __builtin_nan("");

/// The largest of |row|; NaN if there is one.
double largest_of(const double* row, std::int64_t width)
{
    double most[lanes] = {}, unordered[lanes] = {};
    const auto take = [&](std::int64_t lane, double entry) {
        const double size = __builtin_fabs(entry);
        most[lane] = size > most[lane] ? size : most[lane];
        unordered[lane] = entry != entry ? 1.0 : unordered[lane];
    };
    std::int64_t i = 0;
    for (; i + lanes <= width; i += lanes)
        for (std::int64_t lane = 0; lane < lanes; ++lane)
            take(lane, row[i + lane]);
    for (; i < width; ++i)
        take(0, row[i]);
    for (std::int64_t lane = 1; lane < lanes; ++lane) {
        most[0] = most[lane] > most[0] ? most[lane] : most[0];
        unordered[0] = unordered[lane] > unordered[0] ? unordered[lane] : unordered[0];
    }
    return unordered[0] > 0.0 ? nan : most[0];
}

/// relative = row/divisor
/// @returns Σ relative²
double divide(const double* row, std::int64_t width, double divisor, double* relative)
{
    double partial[lanes] = {};
    std::int64_t i = 0;
    for (; i + lanes <= width; i += lanes) {
        for (std::int64_t lane = 0; lane < lanes; ++lane) {
            const double entry = row[i + lane] / divisor;
            relative[i + lane] = entry;
            partial[lane] += entry * entry;
        }
    }
    for (; i < width; ++i) {
        relative[i] = row[i] / divisor;
        partial[0] += relative[i] * relative[i];
    }
    for (std::int64_t half = lanes / 2; half > 0; half /= 2)
        for (std::int64_t lane = 0; lane < half; ++lane)
            partial[lane] += partial[lane + half];
    return partial[0];
}

/// @returns the row's norm
double sample_vector(const double* row, std::int64_t width, double* unit)
{
    const double largest = largest_of(row, width);
    double norm = largest, length = 0.0;
    if (largest > 0.0 && largest < __builtin_inf()) {
        length = __builtin_sqrt(divide(row, width, largest, unit));
        norm = length * largest;
    }
    if (norm > 0.0 && norm < __builtin_inf()) {
        for (std::int64_t i = 0; i < width; ++i)
            unit[i] /= length;
    } else {
        for (std::int64_t i = 0; i < width; ++i)
            unit[i] = nan;
    }
    return norm;
}

void sample_vectors(const double* rows, std::int64_t count, std::int64_t width, double* unit, double* norm)
{
    for (std::int64_t row = 0; row < count; ++row)
        norm[row] = sample_vector(rows + row * width, width, unit + row * width);
}

} // namespace

extern const NormsKernel FA_KERNEL_SYMBOL(FA_KERNEL);
const NormsKernel FA_KERNEL_SYMBOL(FA_KERNEL) = {&sample_vectors};

} // namespace fa::diagnostics
