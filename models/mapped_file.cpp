#include "models/mapped_file.hpp"

#include "models/checkpoint_error.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace fa::models {

MappedFile::MappedFile(const std::filesystem::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat status = {};
    void* start = nullptr;
    int problem = descriptor < 0 || ::fstat(descriptor, &status) != 0 ? errno : 0;
    const auto size = static_cast<std::size_t>(status.st_size);
    if (problem == 0 && size > 0) { // nothing of no length can be mapped
        start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
        problem = start == MAP_FAILED ? errno : 0;
    }
    if (descriptor >= 0)
        ::close(descriptor);
    if (problem != 0)
        throw CheckpointError(path.string() + ": " + std::strerror(problem));
    bytes_ = {static_cast<const std::byte*>(start), start == nullptr ? 0 : size};
}

MappedFile::~MappedFile()
{
    if (!bytes_.empty())
        ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

} // namespace fa::models
