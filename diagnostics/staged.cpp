#include "diagnostics/staged.hpp"

#include <stdexcept>

namespace fa::diagnostics {

const models::StagedNetwork& staged_network(const models::Network& network, const std::string& credit)
{
    const auto* staged = dynamic_cast<const models::StagedNetwork*>(&network);
    if (staged == nullptr)
        throw std::invalid_argument("credit=" + credit +
                                    " runs the network's layers one at a time, which this kind of network (" +
                                    network.architecture() + ") doesn't let it do; a ResMLP does");
    return *staged;
}

} // namespace fa::diagnostics
