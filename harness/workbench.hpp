#pragma once
/// What a rank keeps from run to run.

#include "diagnostics/kept_draws.hpp"
#include "harness/collectives.hpp"
#include "harness/rank_device.hpp"
#include "harness/run_inputs.hpp"

#include <cstdint>
#include <memory>

namespace fa::harness {

struct Workbench {
    std::unique_ptr<const Collectives> collectives; ///< of the rank's team
    InputReader reader;
    std::uint64_t memory; ///< bytes that this rank may fill
    RankDevice device;    ///< where it computes
    diagnostics::KeptDraws draws{};
};

} // namespace fa::harness
