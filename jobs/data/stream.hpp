#pragma once
/// A file read from its beginning, unpacked on the way if it is gzipped.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

struct gzFile_s;

namespace fa::jobs::data {

class Stream {
  public:
    /// @throws DataError with the path and the system's reason
    explicit Stream(const std::filesystem::path& file);

    /// The next bytes.
    /// @throws DataError if the file ends before all of them, or its packing is damaged
    void read(std::span<std::byte> into);
    /// Is there nothing more?
    /// @throws DataError if the file's checksum says that it is damaged
    bool at_end();
    /// Is the file gzipped?
    bool is_packed() const;

  private:
    struct Closer {
        void operator()(gzFile_s* file) const;
    };
    std::filesystem::path path_;
    std::unique_ptr<gzFile_s, Closer> file_;

    std::size_t read_some(std::span<std::byte> into);
};

} // namespace fa::jobs::data
