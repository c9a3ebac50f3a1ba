#include "models/network.hpp"

#include <stdexcept>
#include <string>

namespace fa::models {

at::Tensor sample_rows(const at::Tensor& state)
{
    if (state.dim() < 2)
        throw std::invalid_argument("a hidden state has " + std::to_string(state.dim()) +
                                    " axes; [samples, width], [samples, tokens, width] or [samples, "
                                    "channels, …] is needed");
    if (state.dim() == 2)
        return state;
    return state.dim() == 3 ? state.select(1, 0) : state.flatten(1);
}

std::vector<at::Tensor> Network::gates(const at::Tensor&) const
{
    throw std::logic_error("a network that is no plain chain was asked for its activations' derivatives");
}

std::vector<at::Tensor> Network::local_credit(const at::Tensor&, const at::Tensor&) const
{
    throw std::logic_error("a network without a local-credit rule of its own was asked for it");
}

} // namespace fa::models
