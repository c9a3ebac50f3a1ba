#include "store/posix_file.hpp"

#include "store/error.hpp"

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

namespace fa::store {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what)
{
    const int reason = errno;
    throw StoreError(path.string() + ": " + what + ": " + std::generic_category().message(reason));
}

} // namespace

PosixFile::PosixFile(const std::filesystem::path& path, int flags)
    : path_(path), descriptor_(::open(path.c_str(), flags, 0666))
{
    if (descriptor_ < 0) {
        fail(path_, "can't be opened");
    }
}

PosixFile::~PosixFile()
{
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

void PosixFile::write(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            fail(path_, "can't be written");
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void PosixFile::write_at(std::uint64_t offset, std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            fail(path_, "can't be written");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
}

void PosixFile::read_at(std::uint64_t offset, std::span<std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t count = ::pread(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            fail(path_, "can't be read");
        }
        if (count == 0) {
            throw StoreError(path_.string() + ": ends at byte " + std::to_string(offset) + ", " +
                             std::to_string(bytes.size()) + " bytes too early");
        }
        bytes = bytes.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
}

void PosixFile::resize(std::uint64_t bytes)
{
    if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) {
        fail(path_, "can't be made " + std::to_string(bytes) + " bytes long");
    }
}

void PosixFile::sync()
{
    while (::fsync(descriptor_) != 0) {
        if (errno != EINTR) {
            fail(path_, "fsync failed");
        }
    }
}

void PosixFile::close()
{
    // The descriptor is gone whatever close() returns; NFS reports a full disk here.
    if (::close(std::exchange(descriptor_, -1)) != 0 && errno != EINTR) {
        fail(path_, "close failed");
    }
}

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to)
{
    if (::rename(from.c_str(), to.c_str()) != 0) {
        fail(from, "can't be renamed to " + to.string());
    }
}

void sync_folder(const std::filesystem::path& path)
{
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    PosixFile(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC).sync();
}

} // namespace fa::store
