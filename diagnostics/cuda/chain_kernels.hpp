#pragma once
/// The chain rules' kernels: what stands between their matrix products (chain_products.hpp), in double.

#include "diagnostics/cuda/gamma_plan.hpp"
#include "diagnostics/cuda/tables.hpp"
#include "diagnostics/host_device.hpp"

#include <cstdint>

namespace fa::diagnostics::device {

/// One layer on the way down.
struct ChainLayer {
    WindowInputs window;
    std::int64_t draws;
    std::int64_t width, first_unit, table;
    double gain;
    double* credit; ///< a_l, [R, d, rows]

    FA_HOST_DEVICE double* vector(std::int64_t r, std::int64_t i) const
    {
        return credit + r * width * window.rows + i;
    }
    FA_HOST_DEVICE const float* reference(std::int64_t i) const
    {
        return window.reference + first_unit * window.rows + i;
    }
    FA_HOST_DEVICE const float* gate(std::int64_t i) const
    {
        return window.gate + first_unit * window.rows + i;
    }
};

/// a_l = gate ⊙ gain·(B a_{l+1} + above), compared with ĝ. Index: (draw, row).
struct FinishCredit {
    ChainLayer layer;    ///< its credit: B a_{l+1}, overwritten by a_l
    const double* above; ///< a_{l+1}, of the same width, or null
    bool gated;          ///< are the layer's gates on it when it is compared?
    ProductTables<double> out;

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const std::int64_t rows = layer.window.rows;
        Places places(index);
        const std::int64_t i = places.next(rows), r = places.rest;
        double* credit = layer.vector(r, i);
        const double* skipped = above ? above + r * layer.width * rows + i : nullptr;
        const float *reference = layer.reference(i), *gate = gated ? layer.gate(i) : nullptr;
        double n = 0.0, q = 0.0;
        for (std::int64_t k = 0; k < layer.width; ++k) {
            double entry = layer.gain * (credit[k * rows] + (skipped ? skipped[k * rows] : 0.0));
            if (gate)
                entry *= static_cast<double>(gate[k * rows]);
            credit[k * rows] = entry;
            n += entry * static_cast<double>(reference[k * rows]);
            q += entry * entry;
        }
        const std::int64_t at = layer.table * layer.draws * rows + index;
        out.numerator[at] = n;
        out.square[at] = q;
    }
};

/// a_l ⊙ gate, for the next layer. Index: (draw, unit, row).
struct ShutGates {
    ChainLayer layer;

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const std::int64_t unit_and_row = index % (layer.width * layer.window.rows);
        layer.credit[index] *= static_cast<double>(layer.gate(0)[unit_and_row]);
    }
};

/// Gated chains: the credit of a batch's mean is the mean of its samples' credit. Index: (draw, batch, unit).
struct SumCredit {
    ChainLayer layer;
    const double* weight; ///< of the samples (GateRows::weight), [L+1, rows] at this layer
    double* sums;         ///< [R, W, d]

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const auto& window = layer.window;
        Places places(index);
        const std::int64_t k = places.next(layer.width), batch = places.next(window.batches), r = places.rest;
        const std::int64_t first = batch * (window.samples + 1);
        const double* credit = layer.vector(r, first) + k * window.rows;
        double sum = 0.0;
        for (std::int64_t i = 0; i < window.samples; ++i)
            if (weight[first + i] != 0.0) // else a zero vector, whose unit row may be NaN
                sum += weight[first + i] * credit[i];
        sums[index] = sum;
    }
};

/// Compares those sums, into the rows of the means. Index: (draw, batch).
struct CompareSums {
    ChainLayer layer;
    const double* sums;
    ProductTables<double> out;

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const auto& window = layer.window;
        Places places(index);
        const std::int64_t batch = places.next(window.batches), r = places.rest;
        const std::int64_t row = batch * (window.samples + 1) + window.samples;
        const float* reference = layer.reference(row);
        double n = 0.0, q = 0.0;
        for (std::int64_t k = 0; k < layer.width; ++k) {
            const double sum = sums[index * layer.width + k];
            n += sum * static_cast<double>(reference[k * window.rows]);
            q += sum * sum;
        }
        const std::int64_t at = (layer.table * layer.draws + r) * window.rows + row;
        out.numerator[at] = n;
        out.square[at] = q;
    }
};

} // namespace fa::diagnostics::device
