#pragma once
/// Inputs of the Γ stage as an audit has them, from random numbers.

#include "diagnostics/draws.hpp"
#include "diagnostics/gamma_inputs.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

namespace fa::bench {

struct GammaShape {
    std::int64_t samples;    ///< S
    std::int64_t batch_size; ///< N
    std::int64_t width;      ///< d, of every layer
    std::int64_t classes;    ///< C
    std::int64_t layers;     ///< L+1
    std::int64_t draws;      ///< R
    std::int64_t batches() const { return samples / batch_size; }
};

struct GammaProblem {
    explicit GammaProblem(const GammaShape& shape);
    GammaShape shape;
    std::vector<diagnostics::GammaInputs> batches;
    diagnostics::DrawSpec draws;
};

} // namespace fa::bench
