#pragma once
/// The frozen-random-blocks controls that the runs of a manifest name.

#include "aggregation/run_status.hpp"
#include "diagnostics/verdict/measurements.hpp"
#include "jobs/manifest.hpp"
#include "store/layout.hpp"
#include "store/reader.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace fa::aggregation {

/// Looks controls up in the store, each read once. The controls it returns view memory of this object.
class Controls {
  public:
    Controls(const store::Layout& layout, const jobs::Manifest& manifest, Checksums compared);

    /// What diagnostic (d) of a run compares with; NoControl with the reason where the control isn't named,
    /// not measured, failed, or was measured on other test data.
    verdict::Control of(const jobs::RunSpec& run, const store::RunAttributes& measured);

  private:
    struct Measured {
        std::string reason; ///< why it can't be used; empty where it can
        std::string data_sha256;
        std::vector<std::uint8_t> correct;
    };
    const Measured& look_up(const std::string& name);
    bool is_named_as_control(const std::string& name) const;

    store::Layout layout_;
    const jobs::Manifest& manifest_;
    Checksums compared_;
    std::map<std::string, Measured> measured_;
};

} // namespace fa::aggregation
