#include "harness/output_folder.hpp"

#include "store/error.hpp"
#include "store/layout.hpp"
#include "store/reader.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace fa::harness {

void prepare_output(const AuditOptions& options, const jobs::Manifest& manifest)
{
    const store::Layout layout(options.output);
    for (const auto& run : manifest.runs)
        try {
            store::digest_of(layout.run(run.name));
        } catch (const store::SchemaError&) {
            throw;
        } catch (const store::StoreError&) {
            // A damaged file: its run is measured again.
        }
    layout.make_folders();
    if (access(layout.runs().c_str(), W_OK) != 0)
        throw std::runtime_error(layout.runs().string() + ": can't be written: " + std::strerror(errno));
    store::write_whole_file(layout.manifest(), manifest.text);
}

} // namespace fa::harness
