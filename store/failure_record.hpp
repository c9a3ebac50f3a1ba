#pragma once
/// DIR/runs/<name>.failed: why a run has no run file. The next job and fa-report read it.

#include "store/layout.hpp"

#include <optional>
#include <string>

namespace fa::store {

struct FailureRecord {
    std::string name;
    std::string
        digest; ///< of the inputs and options that failed; empty where the failure came before it was known
    std::string reason;
    bool operator==(const FailureRecord&) const = default;
};

/// Writes the record (JSON), whole or not at all.
/// @throws StoreError
void record_failure(const Layout& layout, const FailureRecord& failure);

/// @returns nothing if no failure is recorded. A record that can't be understood is still a failure: its
/// reason says so
std::optional<FailureRecord> read_failure(const Layout& layout, const std::string& name);

/// Forgets the failure; it is none if there is none.
/// @throws StoreError if the file is there and can't be removed
void clear_failure(const Layout& layout, const std::string& name);

} // namespace fa::store
