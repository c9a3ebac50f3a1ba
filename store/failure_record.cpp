#include "store/failure_record.hpp"

#include "store/error.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <iterator>

namespace fa::store {

void record_failure(const Layout& layout, const FailureRecord& failure)
{
    const nlohmann::ordered_json record = {
        {"name", failure.name}, {"digest", failure.digest}, {"reason", failure.reason}};
    // A reason can hold bytes of a broken file: whatever is no UTF-8 is replaced, not thrown at us.
    const auto replace = nlohmann::ordered_json::error_handler_t::replace;
    write_whole_file(layout.failed(failure.name), record.dump(2, ' ', false, replace) + "\n");
}

std::optional<FailureRecord> read_failure(const Layout& layout, const std::string& name)
{
    const std::filesystem::path path = layout.failed(name);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        return std::nullopt;
    }
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto record = nlohmann::json::parse(text, nullptr, false);
    const auto field = [&](const char* key) {
        return record.is_object() && record.contains(key) && record[key].is_string()
                   ? record[key].get<std::string>()
                   : std::string();
    };
    FailureRecord failure{name, field("digest"), field("reason")};
    if (failure.reason.empty()) {
        failure.reason = "failed; the reason in " + path.string() + " can't be read";
    }
    return failure;
}

void clear_failure(const Layout& layout, const std::string& name)
{
    std::error_code error;
    std::filesystem::remove(layout.failed(name), error);
    if (error) {
        throw StoreError(layout.failed(name).string() + ": can't be removed: " + error.message());
    }
}

} // namespace fa::store
