#pragma once
/// What the store says of each pitfall.

#include "aggregation/audit.hpp"

#include <string>
#include <vector>

namespace fa::reporting {

/// Does a pitfall bite in these networks?
enum class Bite {
    no,
    yes,
    unknown ///< nothing was measured that would tell
};

struct Evidence {
    Bite bite = Bite::unknown;
    std::string summary;            ///< a sentence
    std::vector<std::string> lines; ///< run by run, the strongest first, a few of them
};

/// Γ is said to be changed where it differs by more than this, or by more than a twentieth.
inline constexpr double changed_gamma = 0.005;
/// Pitfall 5 bites where the largest |Γ| over the strategies is this many times the smallest.
inline constexpr double large_ratio = 1.5;
/// Pitfall 6 bites where layer 0 has at least this share of Σ|Γ_l|, and twice its equal share.
inline constexpr double large_share = 0.5;

/// @param pitfall  1 to 6
Evidence evidence_of(int pitfall, const aggregation::Audit& audit);

} // namespace fa::reporting
