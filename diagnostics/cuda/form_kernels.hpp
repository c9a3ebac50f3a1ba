#pragma once
/// Γ itself and its vector forms (design 3) from n and q, into a block's results: the sums of
/// diagnostics/fresh_vector_forms.cpp, in its order. Whatever doesn't depend on the draws comes as weights
/// (diagnostics/cuda/form_weights.hpp).

#include "diagnostics/cuda/gamma_plan.hpp"
#include "diagnostics/cuda/tables.hpp"
#include "diagnostics/random_arithmetic.hpp"

#include <cstdint>

namespace fa::diagnostics::device {

/// Where a block's results go, all row-major.
struct Results {
    float* gamma;    ///< [R_b, S, L+1]
    float* batchvec; ///< [R_b, B, L+1]
    float* flat;     ///< [R_b, B, L+1]
    float* concat;   ///< [R_b, S]

    Results(const GammaPlan& plan, std::int64_t draws, float* memory)
        : gamma(memory), batchvec(gamma + draws * plan.all_samples() * plan.layer_count()),
          flat(batchvec + draws * plan.batches * plan.layer_count()),
          concat(flat + draws * plan.batches * plan.layer_count())
    {
    }
};

/// Weights of one window, [L+1, rows] unless said otherwise; a NaN makes what it enters undefined.
struct WindowWeights {
    const double *flat_numerator, *flat_square;     ///< 0: not added
    const double *concat_numerator, *concat_square; ///< a numerator's 0: not added
    const double* flat_gradient;                    ///< Σ of the squared relative ‖g‖, [W, L+1]
    const double* concat_gradient;                  ///< likewise, [rows]
};

/// What the three kernels have in common.
template <typename Real>
struct Forming {
    WindowInputs window;
    WindowWeights weights;
    ProductTables<Real> tables;
    const PlannedLayer* layers; ///< on the device
    std::int64_t layer_count, draws;
    std::int64_t all_samples, all_batches; ///< S and B
    Results results;

    FA_HOST_DEVICE double numerator(std::int64_t l, std::int64_t r, std::int64_t i) const
    {
        return static_cast<double>(tables.numerator[(layers[l].table * draws + r) * window.rows + i]);
    }
    FA_HOST_DEVICE double square(std::int64_t l, std::int64_t r, std::int64_t i) const
    {
        return static_cast<double>(tables.square[(layers[l].table * draws + r) * window.rows + i]);
    }
    FA_HOST_DEVICE std::int64_t sample(std::int64_t i) const ///< of the run
    {
        const std::int64_t batch_rows = window.samples + 1;
        return (window.first_batch + i / batch_rows) * window.samples + i % batch_rows;
    }

    /// n/(√q·√of_all), the one canonical NaN where that is not finite.
    FA_HOST_DEVICE static void put_cosine(double n, double q, double of_all, float* to)
    {
        const double value = n / (random::square_root(q) * random::square_root(of_all));
        if (value - value == 0.0 && q - q == 0.0)
            *to = static_cast<float>(value);
        else
            *reinterpret_cast<std::uint32_t*>(to) = 0x7fc00000U;
    }
};

/// Γ of samples and batchvec of the batches' means. Index: (layer, draw, row).
template <typename Real>
struct PutGamma {
    Forming<Real> forming;

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const auto& window = forming.window;
        Places places(index);
        const std::int64_t i = places.next(window.rows), r = places.next(forming.draws), l = places.rest;
        if (i >= window.used_rows())
            return;
        const std::int64_t batch = i / (window.samples + 1), layers = forming.layer_count;
        const bool mean = i % (window.samples + 1) == window.samples;
        float* to = mean ? forming.results.batchvec +
                               (r * forming.all_batches + window.first_batch + batch) * layers + l
                         : forming.results.gamma + (r * forming.all_samples + forming.sample(i)) * layers + l;
        Forming<Real>::put_cosine(forming.numerator(l, r, i), forming.square(l, r, i), 1.0, to);
    }
};

/// Index: (layer, draw, batch).
template <typename Real>
struct PutFlat {
    Forming<Real> forming;

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const auto& window = forming.window;
        const auto& weights = forming.weights;
        Places places(index);
        const std::int64_t batch = places.next(window.batches), r = places.next(forming.draws),
                           l = places.rest;
        const std::int64_t first = batch * (window.samples + 1);
        double n = 0.0, q = 0.0;
        for (std::int64_t i = first; i < first + window.samples; ++i) {
            const double of_numerator = weights.flat_numerator[l * window.rows + i];
            const double of_square = weights.flat_square[l * window.rows + i];
            if (of_square != 0.0)
                q += of_square * forming.square(l, r, i);
            if (of_numerator != 0.0)
                n += of_numerator * forming.numerator(l, r, i);
        }
        Forming<Real>::put_cosine(
            n, q, weights.flat_gradient[batch * forming.layer_count + l],
            forming.results.flat +
                (r * forming.all_batches + window.first_batch + batch) * forming.layer_count + l);
    }
};

/// Index: (draw, row).
template <typename Real>
struct PutConcat {
    Forming<Real> forming;

    FA_HOST_DEVICE void operator()(std::int64_t index) const
    {
        const auto& window = forming.window;
        const auto& weights = forming.weights;
        Places places(index);
        const std::int64_t i = places.next(window.rows), r = places.rest;
        if (i >= window.used_rows() || i % (window.samples + 1) == window.samples)
            return;
        double n = 0.0, q = 0.0;
        for (std::int64_t l = 0; l < forming.layer_count; ++l) {
            const double of_numerator = weights.concat_numerator[l * window.rows + i];
            q += weights.concat_square[l * window.rows + i] * forming.square(l, r, i);
            if (of_numerator != 0.0)
                n += of_numerator * forming.numerator(l, r, i);
        }
        Forming<Real>::put_cosine(n, q, weights.concat_gradient[i],
                                  forming.results.concat + r * forming.all_samples + forming.sample(i));
    }
};

} // namespace fa::diagnostics::device
