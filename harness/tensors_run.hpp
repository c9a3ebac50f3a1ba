#pragma once
/// Runs of model=tensors: what a file measured elsewhere says, in the audit's terms.

#include "diagnostics/given_tensors.hpp"
#include "jobs/run_spec.hpp"
#include "jobs/tensors_file.hpp"
#include "models/checkpoint.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <string>

namespace fa::harness {

/// @throws jobs::DataError if the file has fewer samples than the manifest's batches, or lacks the credit
/// signals of a rule that has no feedback matrices
void check_measured(const jobs::RunSpec& spec, const jobs::TensorsFile& file);

/// Its feedback matrices and metadata, as a checkpoint of a network would hold them.
models::Checkpoint feedback_and_metadata(const jobs::TensorsFile& file);

/// The `architecture` that the file records, else "tensors-4x256".
std::string architecture_of(const jobs::TensorsFile& file);

/// Samples first … first + count − 1, the gradients those of each sample's own loss.
/// @throws jobs::DataError
diagnostics::GivenTensors given_tensors(const jobs::TensorsFile& file, std::int64_t first,
                                        std::int64_t count);

/// Labels of all its samples, [S] int64.
at::Tensor labels_of(const jobs::TensorsFile& file);

/// Right or wrong of test samples begin … end − 1, uint8.
at::Tensor correct_of(const jobs::TensorsFile& file, std::int64_t begin, std::int64_t end);

} // namespace fa::harness
