#include "jobs/data/npy_header.hpp"
#include "jobs/data/source.hpp"
#include "jobs/data/zip_archive.hpp"
#include "jobs/manifest_words.hpp"

#include <algorithm>

namespace fa::jobs::data {
namespace {

/// An array of an .npz, opened up to its first number.
class NpyMember {
  public:
    NpyMember(const ZipArchive& archive, const ZipArchive::Member& member)
        : member_(member), reader_(archive, member)
    {
        std::uint64_t header_bytes = 0;
        try {
            header_ = read_npy_header([&](std::span<std::byte> into) {
                reader_.read(into);
                header_bytes += into.size();
            });
        } catch (const DataError& error) {
            const std::string reason = error.what();
            throw DataError(reason.starts_with(member.where) ? reason : member.where + " " + reason);
        }
        number_bytes_ = member.bytes - std::min(header_bytes, member.bytes);
    }

    const ElementType& type() const { return header_.type; }

    /// @param file_bytes  no member has more of them
    ArrayHeader header(std::uint64_t file_bytes) const
    {
        return {.where = member_.where,
                .sizes = header_.sizes,
                .element_bytes = header_.type.bytes,
                .stored_bytes = std::min(member_.packed_bytes, file_bytes)};
    }

    /// All numbers in row-major order, as `read_floats` or `read_integers` reads them.
    template <typename Read>
    auto numbers(Read read)
    {
        std::uint64_t count = 1;
        for (const std::uint64_t size : header_.sizes) {
            count *= size;
        }
        if (number_bytes_ != count * header_.type.bytes) {
            throw DataError(member_.where + " has " + std::to_string(number_bytes_) +
                            " bytes of numbers where its shape needs " +
                            std::to_string(count * header_.type.bytes));
        }
        auto values = read([&](std::span<std::byte> into) { reader_.read(into); }, header_.type, count);
        if (!reader_.at_end()) {
            throw DataError(member_.where + " goes on behind its numbers");
        }
        if (header_.fortran_order && header_.sizes.size() > 1) {
            return row_major(values);
        }
        return values;
    }

  private:
    ZipArchive::Member member_;
    ZipArchive::Reader reader_;
    NpyHeader header_;
    std::uint64_t number_bytes_ = 0;

    /// The same array with its last axis running fastest instead of its first.
    template <typename T>
    std::vector<T> row_major(const std::vector<T>& from) const
    {
        std::vector<T> result(from.size());
        std::vector<std::uint64_t> index(header_.sizes.size(), 0);
        for (T& value : result) {
            std::uint64_t place = 0;
            for (std::size_t axis = index.size(); axis-- > 0;) {
                place = place * header_.sizes[axis] + index[axis];
            }
            value = from[place];
            for (std::size_t axis = index.size(); axis-- > 0;) {
                if (++index[axis] < header_.sizes[axis]) {
                    break;
                }
                index[axis] = 0;
            }
        }
        return result;
    }
};

class NpzSource final : public Source {
  public:
    NpzSource(const std::filesystem::path& file, const std::string& split)
        : file_bytes_(std::filesystem::file_size(file)), archive_(file), members_(find_members(file, split)),
          x_(archive_, members_[0]), y_(archive_, members_[1])
    {
        if (!y_.type().is_integer()) {
            throw DataError(members_[1].where +
                            " holds floating-point numbers; labels are integers (class numbers from 0)");
        }
    }

    ArrayHeader inputs() const override { return x_.header(file_bytes_); }
    ArrayHeader labels() const override { return y_.header(file_bytes_); }
    bool inputs_are_bytes() const override { return x_.type().is_byte(); }
    std::vector<float> read_inputs() override { return x_.numbers(read_floats); }
    std::vector<std::int64_t> read_labels() override { return y_.numbers(read_integers); }

  private:
    std::uint64_t file_bytes_;
    ZipArchive archive_;
    std::array<ZipArchive::Member, 2> members_;
    NpyMember x_, y_;

    std::array<ZipArchive::Member, 2> find_members(const std::filesystem::path& file,
                                                   const std::string& split) const
    {
        for (const SplitNames& names : names_in_files(split)) {
            const auto inputs = archive_.find(names[0] + ".npy");
            const auto labels = archive_.find(names[1] + ".npy");
            if (inputs && labels) {
                return {*inputs, *labels};
            }
            if (inputs) {
                throw DataError(file.string() + ": no array '" + names[1] + "' beside '" + names[0] + "'");
            }
        }
        std::string there;
        for (const std::string& name : archive_.names(8)) {
            there += (there.empty() ? "" : ", ") + in_quotes(name);
        }
        throw DataError(file.string() + ": no array '" + split + "_x' (nor 'x_" + split + "', 'X_" + split +
                        "', '" + split + "_images'); it has " + (there.empty() ? "none at all" : there));
    }
};

} // namespace

std::unique_ptr<Source> open_npz(const std::filesystem::path& file, const std::string& split)
{
    return std::make_unique<NpzSource>(file, split);
}

} // namespace fa::jobs::data
