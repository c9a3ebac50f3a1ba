#include "aggregation/run_status.hpp"

#include "aggregation/measured_options.hpp"
#include "store/error.hpp"
#include "store/failure_record.hpp"
#include "store/reader.hpp"

#include <optional>

namespace fa::aggregation {
namespace {

bool is_gone(const std::filesystem::path& file)
{
    std::error_code error;
    return std::filesystem::status(file, error).type() == std::filesystem::file_type::not_found;
}

/// The attributes of a run's file, if there is one.
/// @throws store::StoreError if it can't be read, or is damaged
std::optional<store::RunAttributes> attributes_of(const std::filesystem::path& file, Checksums compared)
{
    if (is_gone(file)) {
        return std::nullopt;
    }
    const store::RunReader reader(file);
    if (compared == Checksums::all) {
        reader.verify();
    }
    return reader.attributes();
}

/// Of a whole file, beside which no later failure is recorded.
RunStatus status_of(const jobs::RunSpec& run, const store::RunAttributes& measured)
{
    const auto differences = differing_options(run, measured);
    if (differences.empty()) {
        return {RunState::measured, "", measured.architecture};
    }
    return {RunState::missing,
            "its file was measured with other options (" + differences + "): start fa-harness again", ""};
}

} // namespace

RunStatus unreadable(const store::Layout& layout, const jobs::RunSpec& run, const std::string& reason)
{
    if (is_gone(layout.run(run.name))) {
        return {RunState::missing, "its file was taken away while it was read (by a job that starts over?)",
                ""};
    }
    return {RunState::failed, reason, ""};
}

RunStatus run_status(const store::Layout& layout, const jobs::RunSpec& run, Checksums compared)
{
    std::optional<store::RunAttributes> measured;
    std::string damage;
    try {
        measured = attributes_of(layout.run(run.name), compared);
    } catch (const store::SchemaError& error) {
        damage = error.what();
    } catch (const store::StoreError& error) {
        damage = is_gone(layout.run(run.name)) // since we saw it: a job starts over
                     ? ""
                     : std::string(error.what()) + "; the same fa-harness command measures this run again";
    }
    const auto failure = store::read_failure(layout, run.name);
    if (measured && (!failure || failure->digest == measured->digest)) {
        return status_of(run, *measured);
    }
    if (failure) {
        return {RunState::failed, failure->reason + (damage.empty() ? "" : "; besides, " + damage), ""};
    }
    return damage.empty() ? RunStatus{RunState::missing, "not measured yet", ""}
                          : RunStatus{RunState::failed, damage, ""};
}

} // namespace fa::aggregation
