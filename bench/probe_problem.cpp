#include "bench/probe_problem.hpp"

#include "models/resmlp.hpp"

#include <cmath>

namespace fa::bench {

std::map<std::string, at::Tensor> random_weights(const ProbeShape& shape)
{
    at::manual_seed(1);
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [name, sizes] :
         models::resmlp_layout(shape.features, shape.width, shape.width, shape.depth, shape.classes)) {
        const bool layer_norm = name.find("ln.") != std::string::npos;
        const bool weight = name.ends_with("weight");
        const double bound = 1.0 / std::sqrt(static_cast<double>(weight ? sizes.back() : shape.width));
        tensors[name] = layer_norm ? (weight ? at::ones(sizes, at::kDouble) : at::zeros(sizes, at::kDouble))
                                   : at::empty(sizes, at::kDouble).uniform_(-bound, bound);
    }
    return tensors;
}

} // namespace fa::bench
