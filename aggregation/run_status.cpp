#include "aggregation/run_status.hpp"

#include "store/error.hpp"
#include "store/failure_record.hpp"
#include "store/reader.hpp"

namespace fa::aggregation {

RunStatus run_status(const store::Layout& layout, const std::string& name)
{
    std::optional<std::string> digest;
    std::string damage;
    try {
        digest = store::digest_of(layout.run(name));
    } catch (const store::StoreError& error) {
        damage = error.what();
    }
    const auto failure = store::read_failure(layout, name);
    if (digest && (!failure || failure->digest == *digest)) {
        return {RunState::measured, ""};
    }
    if (failure) {
        return {RunState::failed, failure->reason};
    }
    return damage.empty() ? RunStatus{RunState::missing, "not measured yet"}
                          : RunStatus{RunState::failed, damage};
}

} // namespace fa::aggregation
