#pragma once

#include <atomic>
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

    /// Zeros where the file has become shorter, or can't be read any more, since it was opened.
    std::span<const std::byte> bytes() const { return bytes_; }

    /// To be called behind the last use of the bytes.
    /// @throws CheckpointError if some of them were no longer there
    void check_still_whole() const;

  private:
    std::filesystem::path path_;
    std::span<const std::byte> bytes_;
    std::atomic<bool>* lost_ = nullptr; ///< set by the handler of SIGBUS
};

} // namespace fa::models
