#pragma once
/// Tensors of small networks for tests.

#include "models/resmlp.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <string>

namespace fa::testing {

struct Sizes {
    std::int64_t features = 5;
    std::int64_t width = 6;
    std::int64_t hidden = 6;
    std::int64_t depth = 2;
    std::int64_t classes = 3;
};

/// Deterministic values of about 1/√width, all different; LayerNorm weights around 1.
inline std::map<std::string, at::Tensor> small_tensors(const Sizes& sizes = {},
                                                       at::ScalarType type = at::kDouble)
{
    std::map<std::string, at::Tensor> tensors;
    double phase = 0.3;
    for (const auto& [name, shape] :
         models::resmlp_layout(sizes.features, sizes.width, sizes.hidden, sizes.depth, sizes.classes)) {
        auto values = at::empty(shape, at::kDouble);
        auto* entries = values.mutable_data_ptr<double>();
        for (std::int64_t i = 0; i < values.numel(); ++i)
            entries[i] = std::sin(phase += 1.7) / std::sqrt(static_cast<double>(sizes.width));
        if (name.ends_with("ln.weight"))
            values += 1;
        tensors.emplace(name, values.to(type));
    }
    return tensors;
}

/// Inputs, [samples, features].
inline at::Tensor small_inputs(std::int64_t samples, std::int64_t features, at::ScalarType type = at::kDouble)
{
    auto values = at::empty({samples, features}, at::kDouble);
    auto* entries = values.mutable_data_ptr<double>();
    for (std::int64_t i = 0; i < values.numel(); ++i)
        entries[i] = std::cos(0.9 * static_cast<double>(i) + 0.1 * static_cast<double>(i % 7));
    return values.to(type);
}

/// The message of the exception that `body` throws; fails the test if it throws none of this type.
template <typename Exception, typename Body>
std::string message_of(const Body& body)
{
    try {
        body();
    } catch (const Exception& error) {
        return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
}

} // namespace fa::testing
