#include "diagnostics/orthogonal.hpp"

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

namespace fa::random {
namespace {

/// Row-major.
struct Matrix {
    std::size_t rows, columns;
    std::vector<double> entries;
    double* row(std::size_t i) { return entries.data() + i * columns; }
};

Matrix transposed(Matrix matrix)
{
    Matrix result{matrix.columns, matrix.rows, std::vector<double>(matrix.entries.size())};
    for (std::size_t i = 0; i < matrix.rows; ++i)
        for (std::size_t j = 0; j < matrix.columns; ++j)
            result.row(j)[i] = matrix.row(i)[j];
    return result;
}

/// Column k to unit length, and out of the columns behind it. Products run down the rows for all those
/// columns at once: each sum keeps the order of its index, and the compiler may still take several columns
/// together.
void take_out(Matrix& matrix, std::size_t k, std::vector<double>& product)
{
    double square = 0.0;
    for (std::size_t i = 0; i < matrix.rows; ++i)
        square += matrix.row(i)[k] * matrix.row(i)[k];
    const double length = std::sqrt(square);
    for (std::size_t i = 0; i < matrix.rows; ++i)
        matrix.row(i)[k] /= length;

    product.assign(matrix.columns, 0.0);
    for (std::size_t i = 0; i < matrix.rows; ++i) {
        const double* row = matrix.row(i);
        for (std::size_t j = k + 1; j < matrix.columns; ++j)
            product[j] += row[k] * row[j];
    }
    for (std::size_t i = 0; i < matrix.rows; ++i) {
        double* row = matrix.row(i);
        for (std::size_t j = k + 1; j < matrix.columns; ++j)
            row[j] -= row[k] * product[j];
    }
}

} // namespace

void fill_orthogonal(const Stream& stream, std::int64_t rows, std::int64_t columns, double scale,
                     std::span<float> out)
{
    Matrix matrix{static_cast<std::size_t>(rows), static_cast<std::size_t>(columns), {}};
    if (rows < 0 || columns < 0 || out.size() != matrix.rows * matrix.columns)
        throw std::invalid_argument("an orthogonal matrix needs room for rows x columns entries");
    matrix.entries.resize(out.size());
    fill_normal(stream, 0, matrix.entries);

    const bool wide = matrix.rows < matrix.columns;
    if (wide)
        matrix = transposed(std::move(matrix));
    std::vector<double> product;
    for (std::size_t k = 0; k < matrix.columns; ++k)
        take_out(matrix, k, product);
    const double length = scale * std::sqrt(static_cast<double>(matrix.rows));
    if (wide)
        matrix = transposed(std::move(matrix));
    for (std::size_t e = 0; e < out.size(); ++e)
        out[e] = static_cast<float>(matrix.entries[e] * length);
}

} // namespace fa::random
