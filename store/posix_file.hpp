#pragma once
/// The system calls that make a file durable, with exceptions.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>

namespace fa::store {

/// An open file descriptor.
class PosixFile {
  public:
    /// @throws StoreError naming the path and the system's reason, as all functions here
    PosixFile(const std::filesystem::path& path, int flags);
    ~PosixFile();
    PosixFile(const PosixFile&) = delete;
    PosixFile& operator=(const PosixFile&) = delete;

    void write(std::string_view bytes);
    void write_at(std::uint64_t offset, std::span<const std::byte> bytes);
    /// @throws StoreError also where the file ends before
    void read_at(std::uint64_t offset, std::span<std::byte> bytes);
    /// Cuts the file, or extends it with a hole of zeros.
    void resize(std::uint64_t bytes);
    void sync();
    void close();

  private:
    std::filesystem::path path_;
    int descriptor_;
};

void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);
/// fsync of the folder that holds `path`: a rename survives a power cut only then.
void sync_folder(const std::filesystem::path& path);

} // namespace fa::store
