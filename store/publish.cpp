#include "store/writer.hpp"

#include "store/error.hpp"
#include "store/posix_file.hpp"
#include "store/reader.hpp"

#include <fcntl.h>

namespace fa::store {

void publish(const std::filesystem::path& temporary, const std::filesystem::path& target, std::string digest)
{
    try {
        if (digest.empty()) {
            digest = RunReader(temporary).attributes().digest;
        }
        PosixFile file(temporary, O_RDWR | O_CLOEXEC);
        file.sync();
        file.close();
        rename_file(temporary, target);
    } catch (const StoreError&) {
        // Two jobs may complete the same run: the clean-up of one removes the other's temporary file.
        if (digest.empty() || !is_finished(target, digest)) {
            throw;
        }
        std::error_code ignored;
        std::filesystem::remove(temporary, ignored);
    }
    sync_folder(target);
}

} // namespace fa::store
