/// Compiled once per instruction set (FA_KERNEL). As in random_kernel.cpp nothing comes from a header's
/// inline functions but intrinsics.

#include "diagnostics/product_kernel.hpp"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#define FA_JOIN_NAMES(a, b) a##b
#define FA_KERNEL_SYMBOL(name) FA_JOIN_NAMES(product_kernel_, name)

namespace fa::diagnostics {
namespace {

// A register of floats, and a tile's size: its sums, a panel's entries and one entry of a fill the registers.
#if defined(__AVX512F__)
using Register = __m512;
constexpr std::int64_t tile_rows = 8, tile_panels = 3;
inline Register load(const float* from)
{
    return _mm512_loadu_ps(from);
}
inline void store(Register value, float* to)
{
    _mm512_storeu_ps(to, value);
}
inline Register all(float value)
{
    return _mm512_set1_ps(value);
}
inline Register fma(Register a, Register b, Register c)
{
    return _mm512_fmadd_ps(a, b, c);
}
inline Register add(Register a, Register b)
{
    return _mm512_add_ps(a, b);
}
inline Register multiply(Register a, Register b)
{
    return _mm512_mul_ps(a, b);
}
#elif defined(__AVX2__)
using Register = __m256;
constexpr std::int64_t tile_rows = 6, tile_panels = 1;
inline Register load(const float* from)
{
    return _mm256_loadu_ps(from);
}
inline void store(Register value, float* to)
{
    _mm256_storeu_ps(to, value);
}
inline Register all(float value)
{
    return _mm256_set1_ps(value);
}
inline Register fma(Register a, Register b, Register c)
{
    return _mm256_fmadd_ps(a, b, c);
}
inline Register add(Register a, Register b)
{
    return _mm256_add_ps(a, b);
}
inline Register multiply(Register a, Register b)
{
    return _mm256_mul_ps(a, b);
}
#else
using Register = float;
constexpr std::int64_t tile_rows = 1, tile_panels = 1;
inline Register load(const float* from)
{
    return *from;
}
inline void store(Register value, float* to)
{
    *to = value;
}
inline Register all(float value)
{
    return value;
}
inline Register fma(Register a, Register b, Register c)
{
    return __builtin_fmaf(a, b, c);
}
inline Register add(Register a, Register b)
{
    return a + b;
}
inline Register multiply(Register a, Register b)
{
    return a * b;
}
#endif
constexpr auto lanes = static_cast<std::int64_t>(sizeof(Register) / sizeof(float));
constexpr std::int64_t in_panel = panel_width / lanes; ///< registers of a panel

/// 16 floats, of which the first `count` are there; the rest are zeros.
struct Sixteen {
    alignas(64) float values[panel_width];
    Sixteen(const float* from, std::int64_t count)
    {
        for (std::int64_t c = 0; c < panel_width; ++c)
            values[c] = c < count ? from[c] : 0.0F;
    }
};

/// What becomes of a product: out[i, c].
struct Stored {
    float* out;
    std::int64_t columns;

    /// @param sum  row i, columns c …, of which `count` exist
    void operator()(std::int64_t i, std::int64_t c, Register* sum, std::int64_t count) const
    {
        float* to = out + i * columns + c;
        if (count >= panel_width) {
            for (std::int64_t v = 0; v < in_panel; ++v)
                store(sum[v], to + v * lanes);
            return;
        }
        alignas(64) float values[panel_width];
        for (std::int64_t v = 0; v < in_panel; ++v)
            store(sum[v], values + v * lanes);
        for (std::int64_t k = 0; k < count; ++k)
            to[k] = values[k];
    }
};

/// Credit compared with the reference: 16 partial sums a row, over the panels in order.
struct Compared {
    const Comparison& to;
    std::int64_t columns;

    void operator()(std::int64_t i, std::int64_t c, Register* sum, std::int64_t count) const
    {
        const std::int64_t at = i * columns + c;
        if (count >= panel_width) {
            finish(i, sum, to.above ? to.above + at : nullptr, to.gate ? to.gate + at : nullptr,
                   to.reference + at);
        } else {
            const Sixteen above(to.above + (to.above ? at : 0), to.above ? count : 0);
            const Sixteen gate(to.gate + (to.gate ? at : 0), to.gate ? count : 0);
            const Sixteen reference(to.reference + at, count);
            finish(i, sum, to.above ? above.values : nullptr, to.gate ? gate.values : nullptr,
                   reference.values);
        }
        if (to.credit)
            Stored{to.credit, columns}(i, c, sum, count);
    }

    void finish(std::int64_t i, Register* sum, const float* above, const float* gate,
                const float* reference) const
    {
        float* numerator = to.scratch + 2 * panel_width * i;
        float* square = numerator + panel_width;
        for (std::int64_t v = 0; v < in_panel; ++v) {
            Register& credit = sum[v];
            if (above)
                credit = add(credit, load(above + v * lanes));
            credit = multiply(credit, all(to.gain));
            if (gate)
                credit = multiply(credit, load(gate + v * lanes));
            store(fma(credit, load(reference + v * lanes), load(numerator + v * lanes)),
                  numerator + v * lanes);
            store(fma(credit, credit, load(square + v * lanes)), square + v * lanes);
        }
    }
};

template <std::int64_t rows, std::int64_t panels, typename Finish>
void tile(const float* a, std::int64_t i, std::int64_t depth, const float* panel, std::int64_t c,
          std::int64_t columns, const Finish& finish)
{
    Register sum[rows][panels * in_panel];
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t v = 0; v < panels * in_panel; ++v)
            sum[r][v] = all(0.0F);
    const float* row = a + i * depth;
    for (std::int64_t k = 0; k < depth; ++k) {
        Register entry[panels * in_panel];
        for (std::int64_t p = 0; p < panels; ++p)
            for (std::int64_t v = 0; v < in_panel; ++v)
                entry[p * in_panel + v] = load(panel + (p * depth + k) * panel_width + v * lanes);
        for (std::int64_t r = 0; r < rows; ++r) {
            const Register factor = all(row[r * depth + k]);
            for (std::int64_t v = 0; v < panels * in_panel; ++v)
                sum[r][v] = fma(entry[v], factor, sum[r][v]);
        }
    }
    for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t p = 0; p < panels; ++p)
            finish(i + r, c + p * panel_width, sum[r] + p * in_panel, columns - c - p * panel_width);
}

/// A few panels stay in cache while all rows pass.
template <std::int64_t panels, typename Finish>
void pass_rows(const float* a, std::int64_t rows, std::int64_t depth, const float* panel, std::int64_t c,
               std::int64_t columns, const Finish& finish)
{
    std::int64_t i = 0;
    for (; i + tile_rows <= rows && i + tile_rows + 1 != rows; i += tile_rows)
        tile<tile_rows, panels>(a, i, depth, panel, c, columns, finish);
    if (i + tile_rows + 1 == rows) { // 128 samples and their mean: the last row is not left alone
        tile<tile_rows + 1, panels>(a, i, depth, panel, c, columns, finish);
        i = rows;
    }
    for (; i < rows; ++i)
        tile<1, panels>(a, i, depth, panel, c, columns, finish);
}

template <typename Finish>
void pass_panels(const float* a, std::int64_t rows, std::int64_t depth, const float* panels,
                 std::int64_t columns, const Finish& finish)
{
    const std::int64_t count = panels_of(columns);
    std::int64_t p = 0;
    // A tile of one panel is too small to be fast: two tiles of two are better than one of three and one.
    const std::int64_t in_threes = tile_panels == 3 && count % 3 == 1 && count > 3 ? count - 4 : count;
    for (; p + tile_panels <= in_threes; p += tile_panels)
        pass_rows<tile_panels>(a, rows, depth, panels + p * depth * panel_width, p * panel_width, columns,
                               finish);
    for (; tile_panels == 3 && p + 2 <= count; p += 2)
        pass_rows<2>(a, rows, depth, panels + p * depth * panel_width, p * panel_width, columns, finish);
    for (; p < count; ++p)
        pass_rows<1>(a, rows, depth, panels + p * depth * panel_width, p * panel_width, columns, finish);
}

void multiply(const float* a, std::int64_t rows, std::int64_t depth, const float* panels,
              std::int64_t columns, float* out)
{
    pass_panels(a, rows, depth, panels, columns, Stored{out, columns});
}

/// In a fixed order.
float sum_of(const float* partial)
{
    float sum = 0.0F;
    for (std::int64_t k = 0; k < panel_width; ++k)
        sum += partial[k];
    return sum;
}

void compare(const float* a, std::int64_t rows, std::int64_t depth, const float* panels, std::int64_t columns,
             const Comparison& comparison)
{
    for (std::int64_t k = 0; k < comparison_scratch(rows); ++k)
        comparison.scratch[k] = 0.0F;
    pass_panels(a, rows, depth, panels, columns, Compared{comparison, columns});
    for (std::int64_t i = 0; i < rows; ++i) {
        const float* partial = comparison.scratch + 2 * panel_width * i;
        comparison.numerator[i * comparison.stride] = sum_of(partial);
        comparison.square[i * comparison.stride] = sum_of(partial + panel_width);
    }
}

} // namespace

extern const ProductKernel FA_KERNEL_SYMBOL(FA_KERNEL);
const ProductKernel FA_KERNEL_SYMBOL(FA_KERNEL) = {&multiply, &compare};

} // namespace fa::diagnostics
