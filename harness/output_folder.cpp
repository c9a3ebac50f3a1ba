#include "harness/output_folder.hpp"

#include "aggregation/audit_file.hpp"
#include "harness/restart.hpp"
#include "store/error.hpp"
#include "store/layout.hpp"
#include "store/reader.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace fa::harness {
namespace {

/// A store written by another version is left alone, whichever runs are in it.
void refuse_other_schemas(const store::Layout& layout)
{
    std::error_code none;
    bool ours = false;
    for (const auto& entry : std::filesystem::directory_iterator(layout.runs(), none))
        try {
            if (entry.path().extension() == ".h5" && !entry.path().filename().string().starts_with('.'))
                ours = store::digest_of(entry.path()).has_value() || ours;
        } catch (const store::SchemaError&) {
            throw;
        } catch (const store::StoreError&) {
            // A damaged file: its run is measured again.
        }
    // Beside run files of ours it is made again of them, whatever it says: one flipped bit makes another
    // schema of it.
    if (!ours && std::filesystem::exists(layout.audit(), none))
        aggregation::check_audit_schema(layout.audit());
}

} // namespace

void prepare_output(const AuditOptions& options, const jobs::Manifest& manifest)
{
    const store::Layout layout(options.output);
    refuse_other_schemas(layout);
    start_over_if_asked(options, manifest);
    layout.make_folders();
    if (access(layout.runs().c_str(), W_OK) != 0)
        throw std::runtime_error(layout.runs().string() + ": can't be written: " + std::strerror(errno));
    store::write_whole_file(layout.manifest(), manifest.text);
}

} // namespace fa::harness
