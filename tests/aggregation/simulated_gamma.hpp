#pragma once
/// Γ with known variance components.

#include "aggregation/variance_components.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <map>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace fa::testing {

using aggregation::Decomposition;
using aggregation::Design;
using aggregation::SquaredTotals;
using aggregation::VarianceSums;

/// Variances of the normal effects that a simulated Γ is the sum of, by the sources' names.
using Truth = std::map<std::string, double>;

inline const Truth every_source{{"seed", 0.5},
                                {"draw", 0.3},
                                {"batch", 0.2},
                                {"sample", 0.8},
                                {"seed × draw", 0.4},
                                {"seed × batch", 0.1},
                                {"draw × batch", 0.2},
                                {"seed × sample", 0.6},
                                {"draw × sample", 0.3},
                                {"seed × draw × batch", 0.2},
                                {"seed × draw × sample", 1.0}};

/// Γ[draw][seed][sample] of one layer.
struct Simulated {
    Design design;
    std::size_t draws;
    std::vector<std::vector<std::vector<double>>> values;

    Simulated(Design of, std::size_t number_of_draws, const Truth& truth, std::mt19937& generator,
              double mean = 0)
        : design(of), draws(number_of_draws),
          values(draws, std::vector(design.seeds, std::vector<double>(design.samples(), mean)))
    {
        std::normal_distribution<double> normal;
        for (const auto& [name, variance] : truth) {
            std::map<std::array<std::size_t, 3>, double> effects;
            const bool seed_too = name.find("seed") != std::string::npos;
            const bool draw_too = name.find("draw") != std::string::npos;
            const bool batch_too = name.find("batch") != std::string::npos;
            const bool sample_too = name.find("sample") != std::string::npos;
            each([&](std::size_t draw, std::size_t seed, std::size_t sample) {
                const std::array key{seed_too ? seed : 0, draw_too ? draw : 0,
                                     sample_too  ? sample
                                     : batch_too ? sample / design.batch_size
                                                 : 0};
                const auto [effect, is_new] = effects.try_emplace(key, 0.0);
                if (is_new) {
                    effect->second = std::sqrt(variance) * normal(generator);
                }
                values[draw][seed][sample] += effect->second;
            });
        }
    }

    template <typename Visit>
    void each(Visit visit) const
    {
        for (std::size_t draw = 0; draw < draws; ++draw) {
            for (std::size_t seed = 0; seed < design.seeds; ++seed) {
                for (std::size_t sample = 0; sample < design.samples(); ++sample) {
                    visit(draw, seed, sample);
                }
            }
        }
    }

    std::vector<SquaredTotals> totals() const
    {
        VarianceSums sums(design);
        for (std::size_t draw = 0; draw < draws; ++draw) {
            const std::vector<std::span<const double>> seeds(values[draw].begin(), values[draw].end());
            if (draw == 0) {
                sums.leave_out_undefined(std::span(seeds));
            }
            EXPECT_TRUE(sums.add_draw(std::span(seeds)));
        }
        return sums.totals();
    }
    Decomposition decomposition() const { return decompose(totals().front(), draws > 1); }
};

} // namespace fa::testing
