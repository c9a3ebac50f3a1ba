#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace fa::models {

/// A file's bytes, read by the system as they are touched: for looking at headers.
class MappedFile {
  public:
    /// @throws CheckpointError with the path and the system's reason
    explicit MappedFile(const std::filesystem::path& path);
    ~MappedFile();
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;

    std::span<const std::byte> bytes() const { return bytes_; }

  private:
    std::span<const std::byte> bytes_;
};

} // namespace fa::models
