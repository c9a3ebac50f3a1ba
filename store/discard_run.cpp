#include "store/discard_run.hpp"

#include "store/error.hpp"

namespace fa::store {
namespace {

bool remove_file(const std::filesystem::path& path)
{
    std::error_code error;
    const bool was_there = std::filesystem::remove(path, error);
    if (error) {
        throw StoreError(path.string() + ": can't be removed: " + error.message());
    }
    return was_there;
}

} // namespace

bool discard_run(const Layout& layout, const std::string& name)
{
    layout.remove_segments(name);
    remove_file(layout.attempt(name));
    remove_file(layout.failed(name));
    return remove_file(layout.run(name));
}

} // namespace fa::store
