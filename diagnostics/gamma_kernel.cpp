/// Compiled once per instruction set (FA_KERNEL). As in random_kernel.cpp nothing comes from a header's
/// inline functions. Sums run in `lanes` interleaved partial sums, an order that the code fixes and every set
/// keeps.

#include "diagnostics/gamma_kernel.hpp"

#define FA_JOIN_NAMES(a, b) a##b
#define FA_KERNEL_SYMBOL(name) FA_JOIN_NAMES(gamma_kernel_, name)

namespace fa::diagnostics {
namespace {

constexpr std::int64_t lanes = 32;

float sum_of(float* partial)
{
    for (std::int64_t half = lanes / 2; half > 0; half /= 2)
        for (std::int64_t k = 0; k < half; ++k)
            partial[k] += partial[k + half];
    return partial[0];
}

float short_dot(const float* a, const float* b, std::int64_t count)
{
    float sum = 0.0F;
    for (std::int64_t j = 0; j < count; ++j)
        sum += a[j] * b[j];
    return sum;
}

float dot(const float* a, const float* b, std::int64_t count)
{
    alignas(64) float partial[lanes] = {};
    std::int64_t j = 0;
    for (; j + lanes <= count; j += lanes)
        for (std::int64_t k = 0; k < lanes; ++k)
            partial[k] += a[j + k] * b[j + k];
    return sum_of(partial) + short_dot(a + j, b + j, count - j);
}

void contract(const float* product, const float* input, std::int64_t rows, std::int64_t draws,
              std::int64_t classes, float* numerator)
{
    const auto contract_rows = [&](auto inner_product) {
        for (std::int64_t i = 0; i < rows; ++i)
            for (std::int64_t r = 0; r < draws; ++r)
                numerator[i * draws + r] =
                    inner_product(product + (i * draws + r) * classes, input + i * classes, classes);
    };
    if (classes < lanes)
        contract_rows(
            [](const float* a, const float* b, std::int64_t count) { return short_dot(a, b, count); });
    else
        contract_rows([](const float* a, const float* b, std::int64_t count) { return dot(a, b, count); });
}

void divide(const float* numerator, const float* square, std::int64_t count, float* gamma)
{
    constexpr float undefined = __builtin_nanf("");
    for (std::int64_t k = 0; k < count; ++k) {
        const float cosine = numerator[k] / __builtin_sqrtf(square[k]);
        gamma[k] = cosine == cosine && square[k] > 0.0F ? cosine : undefined;
    }
}

constexpr std::int64_t gram_rows = 16, gram_draws = 32; // what gram_scratch counts with

/// A few rows of `columns`, draws innermost: gathered[i, j, r], draws beyond the last as zeros.
template <std::int64_t group>
void gather(const float* columns, std::int64_t rows, std::int64_t stride, std::int64_t draws,
            std::int64_t classes, float* gathered)
{
    for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < classes; ++j, gathered += group) {
            const float* in = columns + i * stride + j;
            for (std::int64_t r = 0; r < draws; ++r)
                gathered[r] = in[r * classes];
            for (std::int64_t r = draws; r < group; ++r)
                gathered[r] = 0.0F;
        }
    }
}

/// packed[j ≤ k, r] += Σ_i of a few gathered rows
template <std::int64_t group>
void add_gram(const float* gathered, std::int64_t rows, std::int64_t classes, std::int64_t draws,
              std::int64_t stride, float* packed)
{
    for (std::int64_t j = 0; j < classes; ++j) {
        for (std::int64_t k = j; k < classes; ++k, packed += stride) {
            alignas(64) float sum[group] = {};
            for (std::int64_t i = 0; i < rows; ++i) {
                const float* a = gathered + (i * classes + j) * group;
                const float* b = gathered + (i * classes + k) * group;
                for (std::int64_t r = 0; r < group; ++r)
                    sum[r] += a[r] * b[r];
            }
            const float weight = j == k ? 1.0F : 2.0F;
            for (std::int64_t r = 0; r < draws; ++r)
                packed[r] += weight * sum[r];
        }
    }
}

/// Up to `group` draws; a draw's sums don't depend on the group it is in.
template <std::int64_t group>
void gram_of_group(const float* columns, std::int64_t width, std::int64_t draws, std::int64_t classes,
                   std::int64_t all_draws, float* scratch, float* packed)
{
    static_assert(group <= gram_draws);
    const std::int64_t stride = all_draws * classes;
    for (std::int64_t row = 0; row < width; row += gram_rows) {
        const std::int64_t rows = width - row < gram_rows ? width - row : gram_rows;
        gather<group>(columns + row * stride, rows, stride, draws, classes, scratch);
        add_gram<group>(scratch, rows, classes, draws, padded(all_draws), packed);
    }
}

void gram(const float* columns, std::int64_t width, std::int64_t draws, std::int64_t classes, float* scratch,
          float* packed)
{
    const std::int64_t pairs = classes * (classes + 1) / 2, stride = padded(draws);
    for (std::int64_t cell = 0; cell < pairs * stride; ++cell)
        packed[cell] = 0.0F;
    for (std::int64_t first = 0; first < draws; first += gram_draws) {
        const std::int64_t some = draws - first < gram_draws ? draws - first : gram_draws;
        const auto of_group = some <= 8    ? &gram_of_group<8>
                              : some <= 16 ? &gram_of_group<16>
                                           : &gram_of_group<gram_draws>;
        of_group(columns + first * classes, width, some, classes, draws, scratch, packed + first);
    }
}

/// `group` floats in registers, which GCC otherwise takes apart; element by element, as a loop would be.
template <std::int64_t group>
struct Lanes {
    typedef float Vector __attribute__((vector_size(group * sizeof(float)))); // `using` drops the attribute
    static_assert(sizeof(Vector) == group * sizeof(float));
};

/// A few rows (samples) by a few draws, all sums at once: independent chains of additions.
/// @param stride  of `packed`, in draws   @param left  how many of the group's draws there are
template <std::int64_t some_rows, std::int64_t group>
void quadratic_of_group(const float* packed, std::int64_t stride, const float* input, std::int64_t classes,
                        std::int64_t draws, std::int64_t left, float* square)
{
    using Vector = typename Lanes<group>::Vector;
    Vector total[some_rows] = {};
    for (std::int64_t j = 0; j < classes; ++j) {
        Vector sum[some_rows] = {};
        for (std::int64_t k = j; k < classes; ++k, packed += stride) {
            Vector entry;
            __builtin_memcpy(&entry, packed, sizeof entry);
            for (std::int64_t i = 0; i < some_rows; ++i)
                sum[i] += entry * input[i * classes + k];
        }
        for (std::int64_t i = 0; i < some_rows; ++i)
            total[i] += sum[i] * input[i * classes + j];
    }
    for (std::int64_t i = 0; i < some_rows; ++i) {
        if (left >= group)
            __builtin_memcpy(square + i * draws, &total[i], sizeof total[i]);
        else
            for (std::int64_t r = 0; r < left; ++r)
                square[i * draws + r] = total[i][r];
    }
}

/// All rows by the `group` draws from `first` on.
template <std::int64_t group>
void quadratic_of_rows(const float* packed, const float* input, std::int64_t rows, std::int64_t classes,
                       std::int64_t draws, std::int64_t first, float* square)
{
    constexpr std::int64_t at_once = 4;
    const std::int64_t stride = padded(draws), left = draws - first;
    std::int64_t i = 0;
    for (; i + at_once <= rows; i += at_once)
        quadratic_of_group<at_once, group>(packed + first, stride, input + i * classes, classes, draws, left,
                                           square + i * draws + first);
    for (; i < rows; ++i)
        quadratic_of_group<1, group>(packed + first, stride, input + i * classes, classes, draws, left,
                                     square + i * draws + first);
}

void quadratic(const float* packed, const float* input, std::int64_t rows, std::int64_t draws,
               std::int64_t classes, float* square)
{
    // A sum's order is that of its draw and row alone, whichever group they fall in.
    std::int64_t first = 0;
    for (; first + 16 <= padded(draws); first += 16)
        quadratic_of_rows<16>(packed, input, rows, classes, draws, first, square);
    if (first < draws)
        quadratic_of_rows<8>(packed, input, rows, classes, draws, first, square);
}

void column_squares(const float* columns, std::int64_t width, std::int64_t count, float* squares)
{
    for (std::int64_t c = 0; c < count; ++c)
        squares[c] = 0.0F;
    for (std::int64_t i = 0; i < width; ++i, columns += count)
        for (std::int64_t c = 0; c < count; ++c)
            squares[c] += columns[c] * columns[c];
}

void cosines(const double* numerator, const double* square, double of_all, std::int64_t count, float* cosine)
{
    constexpr float undefined = __builtin_nanf("");
    const double root = __builtin_sqrt(of_all);
    for (std::int64_t k = 0; k < count; ++k) {
        const double value = numerator[k] / (__builtin_sqrt(square[k]) * root);
        const bool finite = value - value == 0.0;
        cosine[k] = finite ? static_cast<float>(value) : undefined;
    }
}

void add_weighted(const float* values, std::int64_t draws, double weight, double* sums)
{
    for (std::int64_t r = 0; r < draws; ++r)
        sums[r] += weight * static_cast<double>(values[r]);
}

} // namespace

extern const GammaKernel FA_KERNEL_SYMBOL(FA_KERNEL);
const GammaKernel FA_KERNEL_SYMBOL(FA_KERNEL) = {
    &contract, &divide, &gram, &quadratic, &column_squares, &cosines, &add_weighted,
};

} // namespace fa::diagnostics
