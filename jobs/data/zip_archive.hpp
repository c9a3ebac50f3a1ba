#pragma once
/// Members of a zip file, stored or deflated, read from their beginning (libzip).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

struct zip;
struct zip_file;

namespace fa::jobs::data {

class ZipArchive {
  public:
    /// @throws DataError if it is no zip, or a damaged one
    explicit ZipArchive(const std::filesystem::path& file);

    struct Member {
        std::uint64_t index;
        std::string where;          ///< for messages: "data.npz: member 'test_x.npy'"
        std::uint64_t bytes;        ///< unpacked, as the zip claims
        std::uint64_t packed_bytes; ///< in the file, as the zip claims
    };
    /// @throws DataError if it is encrypted or packed by another method than deflate
    std::optional<Member> find(const std::string& name) const;
    /// At most so many of the members' names, for messages.
    std::vector<std::string> names(std::size_t most) const;

    /// One member's bytes in order.
    class Reader {
      public:
        Reader(const ZipArchive& archive, const Member& member);
        /// @throws DataError if it ends before all of them, or is damaged
        void read(std::span<std::byte> into);
        /// Is there nothing more?
        /// @throws DataError if the checksum says that the member is damaged
        bool at_end();

      private:
        struct Closer {
            void operator()(zip_file* file) const;
        };
        std::string where_;
        std::unique_ptr<zip_file, Closer> file_;

        std::size_t read_some(std::span<std::byte> into);
    };

  private:
    struct Closer {
        void operator()(zip* archive) const;
    };
    std::filesystem::path path_;
    std::unique_ptr<zip, Closer> archive_;
};

} // namespace fa::jobs::data
