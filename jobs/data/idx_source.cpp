#include "jobs/data/elements.hpp"
#include "jobs/data/source.hpp"
#include "jobs/data/split_files.hpp"
#include "jobs/data/stream.hpp"

#include <optional>

namespace fa::jobs::data {
namespace {

/// The third byte of an IDX file.
std::optional<ElementType> idx_type(std::byte code)
{
    using Kind = ElementType::Kind;
    switch (std::to_integer<int>(code)) {
    case 0x08:
        return ElementType{Kind::unsigned_integer, 1, true};
    case 0x09:
        return ElementType{Kind::signed_integer, 1, true};
    case 0x0b:
        return ElementType{Kind::signed_integer, 2, true};
    case 0x0c:
        return ElementType{Kind::signed_integer, 4, true};
    case 0x0d:
        return ElementType{Kind::floating, 4, true};
    case 0x0e:
        return ElementType{Kind::floating, 8, true};
    default:
        return std::nullopt;
    }
}

/// An IDX file: 0, 0, type, number of axes; each axis' size as a big-endian uint32; the numbers.
class IdxFile {
  public:
    explicit IdxFile(const std::filesystem::path& path) : path_(path), stream_(path)
    {
        std::array<std::byte, 4> start{};
        stream_.read(start);
        const auto type = idx_type(start[2]);
        if (start[0] != std::byte{0} || start[1] != std::byte{0} || !type || start[3] == std::byte{0}) {
            throw DataError(path.string() + ": no IDX file; MNIST's begin with the bytes 0, 0, 8 and 3 "
                                            "(images) or 1 (labels)");
        }
        type_ = *type;
        header_.where = path.string();
        header_.element_bytes = type_.bytes;
        header_.stored_bytes = std::filesystem::file_size(path);
        const ElementType size_type{ElementType::Kind::unsigned_integer, 4, true};
        for (const std::int64_t size :
             read_integers(reader(), size_type, std::to_integer<unsigned>(start[3]))) {
            header_.sizes.push_back(static_cast<std::uint64_t>(size));
        }
        header_bytes_ = start.size() + header_.sizes.size() * size_type.bytes;
    }

    const ArrayHeader& header() const { return header_; }
    const ElementType& type() const { return type_; }

    /// All numbers, as `read_floats` or `read_integers` reads them.
    template <typename Read>
    auto numbers(Read read)
    {
        std::uint64_t count = 1;
        for (const std::uint64_t size : header_.sizes) {
            count *= size;
        }
        if (!stream_.is_packed() && header_.stored_bytes != header_bytes_ + count * type_.bytes) {
            throw DataError(path_.string() + ": " + std::to_string(header_.stored_bytes) +
                            " bytes where its header means " +
                            std::to_string(header_bytes_ + count * type_.bytes) + " (truncated?)");
        }
        auto values = read(reader(), type_, count);
        if (!stream_.at_end()) {
            throw DataError(path_.string() + ": goes on behind the numbers that its header means");
        }
        return values;
    }

  private:
    std::filesystem::path path_;
    Stream stream_;
    ElementType type_{};
    ArrayHeader header_;
    std::uint64_t header_bytes_ = 0;

    ReadBytes reader()
    {
        return [this](std::span<std::byte> into) { stream_.read(into); };
    }
};

class IdxSource final : public Source {
  public:
    explicit IdxSource(const std::filesystem::path& images)
        : images_(images), labels_(idx_labels_beside(images))
    {
        if (!labels_.type().is_integer()) {
            throw DataError(labels_.header().where + " has floating-point numbers; labels are integers");
        }
    }

    ArrayHeader inputs() const override { return images_.header(); }
    ArrayHeader labels() const override { return labels_.header(); }
    bool inputs_are_bytes() const override { return images_.type().is_byte(); }
    std::vector<float> read_inputs() override { return images_.numbers(read_floats); }
    std::vector<std::int64_t> read_labels() override { return labels_.numbers(read_integers); }

  private:
    IdxFile images_, labels_;
};

} // namespace

std::unique_ptr<Source> open_idx(const std::filesystem::path& images)
{
    return std::make_unique<IdxSource>(images);
}

} // namespace fa::jobs::data
