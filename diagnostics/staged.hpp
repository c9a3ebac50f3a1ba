#pragma once
#include "models/staged_network.hpp"

#include <string>

namespace fa::diagnostics {

/// The network as one that can be run stage by stage.
/// @throws std::invalid_argument if it can't be, naming the credit that needs it
const models::StagedNetwork& staged_network(const models::Network& network, const std::string& credit);

} // namespace fa::diagnostics
