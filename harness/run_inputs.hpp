#pragma once
/// What a run reads: checkpoint, data set, feedback file. The team's leader reads and hashes each file once
/// and broadcasts the bytes (design 9, step 1).

#include "harness/comm/communicator.hpp"
#include "harness/digest.hpp"
#include "harness/options.hpp"
#include "jobs/dataset.hpp"
#include "jobs/run_spec.hpp"

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace fa::harness {

/// A data set as runs read it: the same file in two scales is two.
using DataKey = std::pair<std::filesystem::path, jobs::DataOptions>;

/// The test split of a data set, and the hash of the files it is from.
struct EvaluationData {
    jobs::Split test;
    std::string sha256;
};

struct RunInputs {
    InputHashes hashes;
    std::string digest;
    std::shared_ptr<const EvaluationData> data; ///< null with model=tensors, which runs on none
    std::vector<std::byte> checkpoint;
    std::vector<std::byte> feedback_file; ///< empty unless feedback=FILE
};

/// Reads the inputs of one run after another for a team. Data sets stay in memory: most runs share one.
class InputReader {
  public:
    InputReader(comm::Communicator team, const AuditOptions& options)
        : team_(std::move(team)), options_(options)
    {
    }

    /// Reads everything but the tensors' bytes on the other ranks, which `distribute` brings once it is known
    /// that the run is to be measured. Collective in the team.
    /// @throws comm::GroupError with the reason, on every rank
    RunInputs read(const jobs::RunSpec& spec);
    /// Brings the leader's bytes to every rank. Collective in the team.
    void distribute(RunInputs& inputs) const;

  private:
    std::shared_ptr<const EvaluationData> data_of(const DataKey& key);

    comm::Communicator team_;
    const AuditOptions& options_;
    std::map<DataKey, std::shared_ptr<const EvaluationData>> data_;
};

} // namespace fa::harness
