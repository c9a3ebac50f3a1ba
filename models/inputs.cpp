#include "models/inputs.hpp"

#include <stdexcept>
#include <string>

namespace fa::models {

at::Tensor vector_inputs(const at::Tensor& inputs, std::int64_t features, at::ScalarType precision)
{
    auto x = inputs.dim() == 2 ? inputs : inputs.flatten(1);
    if (x.size(1) != features)
        throw std::invalid_argument("inputs have " + std::to_string(x.size(1)) +
                                    " features a sample, the network takes " + std::to_string(features));
    if (x.scalar_type() != precision)
        throw std::invalid_argument(std::string("inputs are ") + c10::toString(x.scalar_type()) +
                                    ", the network is " + c10::toString(precision));
    return x;
}

at::Tensor recorded(at::Tensor h)
{
    if (at::GradMode::is_enabled() && !h.requires_grad())
        h.requires_grad_();
    return h;
}

} // namespace fa::models
