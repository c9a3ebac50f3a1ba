#pragma once
/// Bits are equal on machines of one kind (design 7): a job whose ranks run on several is refused, or all are
/// brought down to what the least of them can do.

#include "harness/comm/communicator.hpp"

#include <stdexcept>
#include <string>

namespace fa::harness {

struct MixedMachines : std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class Mixture { refuse, lowest_capability };

/// Before the first Torch call, which decides for good what instructions are used. Collective in the world.
/// @param gpu  what this rank's GPU is (RankDevice::kind); empty: it computes on the CPU
/// @throws MixedMachines on every rank if the ranks' processors (vendor, instruction sets), GPUs or LibTorch
/// versions differ and the mixture is refused; versions and GPUs that differ are always refused
void agree_on_machine_kind(const comm::Communicator& world, Mixture mixture, const std::string& gpu = "");

/// What the bits of this process's numbers depend on beside inputs and options, once the ranks have agreed:
/// "Intel avx512, LibTorch 2.13.0", and behind it the GPU that the rank computes on.
std::string machine_kind(const std::string& gpu = "");

} // namespace fa::harness
