#pragma once
/// The network of a run, whichever kind of file holds it.

#include "jobs/run_spec.hpp"
#include "models/checkpoint.hpp"
#include "models/network.hpp"

#include <ATen/ATen.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace fa::harness {

struct OpenedModel {
    models::Checkpoint checkpoint; ///< feedback matrices and metadata are here
    std::unique_ptr<models::Network> network;
};

/// Parses a checkpoint; model=torchscript, and nothing else, runs what it holds.
/// @param sample_shape  of one input, as the data set has it
/// @throws models::CheckpointError
OpenedModel open_model(const jobs::RunSpec& spec, std::span<const std::byte> bytes,
                       const std::vector<std::int64_t>& sample_shape);

/// A network in the precision asked for; one that can't be had in float64 in float32.
struct PreciseNetwork {
    std::unique_ptr<models::Network> network;
    at::ScalarType precision;
    std::string warning; ///< why it is another precision; else empty
};

/// @throws models::PrecisionError if float32 can't be had either; models::DeviceError if it can't be moved
PreciseNetwork in_precision(const models::Network& network, at::ScalarType wanted,
                            at::Device device = at::kCPU);

} // namespace fa::harness
