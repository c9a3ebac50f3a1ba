#pragma once
/// The direct rules' kernels: what stands between their matrix products (direct_products.hpp). Sums run in
/// double, one thread each, in the order of their index; a product of two floats is exact there.

#include "diagnostics/cuda/gamma_plan.hpp"
#include "diagnostics/cuda/tables.hpp"
#include "diagnostics/host_device.hpp"

#include <cstdint>

namespace fa::diagnostics::device {

/// The draws of a block, side by side: entry (i, j) of layer l's r-th is joined[R·first_entry + i·R·C + r·C +
/// j].
struct JoinedDraws {
    const PlannedLayer* by_table; ///< on the device, in the order of the tables
    std::int64_t draws;           ///< R
    std::int64_t classes;
    const float* joined;

    FA_HOST_DEVICE const float* row(const PlannedLayer& layer, std::int64_t r, std::int64_t i) const
    {
        return joined + (draws * (layer.first_entry + i * classes) + r * classes);
    }
};

/// Where the pairs of column j, (j, j), (j, j + 1) …, begin in the upper triangle, row by row.
FA_HOST_DEVICE inline std::int64_t first_pair(std::int64_t j, std::int64_t classes)
{
    return j * classes - j * (j - 1) / 2;
}

/// Gram matrices of few classes at once. Index: (layer in the Gram form, draw, column j, column k).
/// packed[layer, draw, (j, k)] = Σ_i B_ij·B_ik for j ≤ k, doubled off the diagonal.
struct SmallGrams {
    JoinedDraws block;
    float* packed;  ///< [layers in the Gram form, R, C(C+1)/2]
    float* squares; ///< of the columns, [L+1, R, C]

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const std::int64_t classes = block.classes;
        Places places(index);
        const std::int64_t k = places.next(classes), j = places.next(classes), r = places.next(block.draws);
        if (k < j)
            return;
        const PlannedLayer& layer = block.by_table[places.rest];
        double sum = 0.0;
        for (std::int64_t i = 0; i < layer.width; ++i) {
            const float* row = block.row(layer, r, i);
            sum += static_cast<double>(row[j]) * static_cast<double>(row[k]);
        }
        const std::int64_t matrix = places.rest * block.draws + r;
        packed[matrix * (classes * (classes + 1) / 2) + first_pair(j, classes) + k - j] =
            static_cast<float>(j == k ? sum : 2.0 * sum);
        if (j == k)
            squares[matrix * classes + j] = static_cast<float>(sum);
    }
};

/// The same from whole Gram matrices of one layer. Index: (draw, column j, column k).
struct PackGrams {
    std::int64_t classes;
    const float* grams; ///< [R, C, C]
    float* packed;      ///< the layer's
    float* squares;     ///< the layer's

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        Places places(index);
        const std::int64_t k = places.next(classes), j = places.next(classes), r = places.rest;
        if (k < j)
            return;
        const float entry = grams[index];
        packed[r * (classes * (classes + 1) / 2) + first_pair(j, classes) + k - j] =
            j == k ? entry : 2.0F * entry;
        if (j == k)
            squares[r * classes + j] = entry;
    }
};

/// Of one layer. Index: (draw, column).
struct ColumnSquares {
    JoinedDraws block;
    std::int64_t table;
    float* squares; ///< [L+1, R, C]

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        Places places(index);
        const std::int64_t j = places.next(block.classes), r = places.rest;
        const PlannedLayer& layer = block.by_table[table];
        double sum = 0.0;
        for (std::int64_t i = 0; i < layer.width; ++i) {
            const auto entry = static_cast<double>(block.row(layer, r, i)[j]);
            sum += entry * entry;
        }
        squares[table * block.draws * block.classes + index] = static_cast<float>(sum);
    }
};

/// largest[layer, draw] = max_j ‖B_j‖². Index: (layer, draw).
struct LargestSquares {
    std::int64_t classes;
    const float* squares; ///< [L+1, R, C]
    float* largest;       ///< [L+1, R]

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        float most = 0.0F;
        for (std::int64_t j = 0; j < classes; ++j) {
            const float square = squares[index * classes + j];
            most = square > most ? square : most;
        }
        largest[index] = most;
    }
};

/// pairs[(j, k), row] = ŝ_j·ŝ_k, j ≤ k. Index: (column j, column k, row).
struct PairProducts {
    WindowInputs window;
    std::int64_t classes;
    float* pairs; ///< [C(C+1)/2, rows]

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const std::int64_t rows = window.rows;
        Places places(index);
        const std::int64_t i = places.next(rows), k = places.next(classes), j = places.rest;
        if (k < j)
            return;
        pairs[(first_pair(j, classes) + k - j) * rows + i] =
            window.input[j * rows + i] * window.input[k * rows + i];
    }
};

/// What decides which pairs of row and draw are computed again in double (fragile_share).
struct Refinement {
    JoinedDraws block;
    WindowInputs window;
    const float* largest; ///< [L+1, R]
    float share;

    /// n and q of the pair into the tables: as given, or, where B nearly cancels ŝ, from Bŝ in double.
    FA_HOST_DEVICE void put(std::int64_t table, std::int64_t r, std::int64_t i, double n, double q,
                            ProductTables<float> out) const
    {
        const std::int64_t rows = window.rows;
        if (static_cast<float>(q) < share * largest[table * block.draws + r] && not_zero(i))
            exactly(block.by_table[table], r, i, n, q);
        const std::int64_t at = (table * block.draws + r) * rows + i;
        out.numerator[at] = static_cast<float>(n);
        out.square[at] = static_cast<float>(q);
    }

  private:
    FA_HOST_DEVICE bool not_zero(std::int64_t i) const
    {
        for (std::int64_t j = 0; j < block.classes; ++j)
            if (window.input[j * window.rows + i] != 0.0F)
                return true;
        return false;
    }

    FA_HOST_DEVICE void exactly(const PlannedLayer& layer, std::int64_t r, std::int64_t i, double& n,
                                double& q) const
    {
        const float* reference = window.reference + layer.first_unit * window.rows + i;
        n = q = 0.0;
        for (std::int64_t k = 0; k < layer.width; ++k) {
            const float* row = block.row(layer, r, k);
            double credit = 0.0;
            for (std::int64_t j = 0; j < block.classes; ++j)
                credit +=
                    static_cast<double>(row[j]) * static_cast<double>(window.input[j * window.rows + i]);
            n += credit * static_cast<double>(reference[k * window.rows]);
            q += credit * credit;
        }
    }
};

/// The Gram form: n = Σ_j product_j·ŝ_j, and q from its pieces. Index: (layer in the Gram form, draw, row).
struct Contract {
    Refinement refinement;
    const float* product; ///< ĝ·[B¹ … Bᴿ], [layers in the Gram form, R, C, rows]
    const float* squares; ///< [pieces, layers in the Gram form, R, rows]
    std::int64_t pieces, piece;
    ProductTables<float> out;

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const auto& window = refinement.window;
        const std::int64_t classes = refinement.block.classes;
        Places places(index);
        const std::int64_t i = places.next(window.rows), matrix = places.rest;
        const std::int64_t r = places.next(refinement.block.draws);
        const float* of_row = product + matrix * classes * window.rows + i;
        double n = 0.0, q = 0.0;
        for (std::int64_t j = 0; j < classes; ++j)
            n += static_cast<double>(of_row[j * window.rows]) *
                 static_cast<double>(window.input[j * window.rows + i]);
        for (std::int64_t k = 0; k < pieces; ++k)
            q += static_cast<double>(squares[k * piece + index]);
        refinement.put(places.rest, r, i, n, q, out);
    }
};

/// The direct form, of one layer: n and q of credit vectors. Index: (draw, row).
struct Compare {
    Refinement refinement;
    std::int64_t table;
    const float* credit; ///< [R, d, rows]
    ProductTables<float> out;

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const auto& window = refinement.window;
        const PlannedLayer& layer = refinement.block.by_table[table];
        Places places(index);
        const std::int64_t i = places.next(window.rows), r = places.rest;
        const float* vector = credit + r * layer.width * window.rows + i;
        const float* reference = window.reference + layer.first_unit * window.rows + i;
        double n = 0.0, q = 0.0;
        for (std::int64_t k = 0; k < layer.width; ++k) {
            const auto entry = static_cast<double>(vector[k * window.rows]);
            n += entry * static_cast<double>(reference[k * window.rows]);
            q += entry * entry;
        }
        refinement.put(table, r, i, n, q, out);
    }
};

} // namespace fa::diagnostics::device
