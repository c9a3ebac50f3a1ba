#pragma once
/// DIR/provenance.jsonl: by what a run was measured. It is told, never relied on: what isn't there is
/// unknown.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace fa::reporting {

/// What measured a run; a text is empty where it isn't recorded.
struct Measurement {
    std::string program;   ///< "fa-harness 0.1.0"
    std::string libraries; ///< "LibTorch 2.13.0, HDF5 1.10.8"
    std::string machine;   ///< "CPU capability AVX512", or of a GPU "NVIDIA H100, sm_90, …"
};

class Provenance {
  public:
    /// Lines that aren't JSON are passed over; without a file nothing is known.
    explicit Provenance(const std::filesystem::path& store);

    /// Who measured the run file of this digest last.
    Measurement of(const std::string& digest) const;
    /// The file's lines as they stand, those that are JSON.
    const std::vector<std::string>& lines() const { return lines_; }

  private:
    std::map<std::string, Measurement> by_digest_;
    std::vector<std::string> lines_;
};

} // namespace fa::reporting
