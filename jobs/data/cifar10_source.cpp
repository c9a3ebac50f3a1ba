#include "jobs/data/source.hpp"

#include "jobs/data/stream.hpp"

namespace fa::jobs::data {
namespace {

constexpr std::uint64_t pixels = 3 * 32 * 32;
constexpr std::uint64_t record_bytes = 1 + pixels;

/// CIFAR-10's binary version: records of one label and 3 × 32 × 32 pixels, nothing else.
class Cifar10Source final : public Source {
  public:
    explicit Cifar10Source(std::vector<std::filesystem::path> files) : files_(std::move(files))
    {
        for (const auto& file : files_) {
            const std::uint64_t bytes = std::filesystem::file_size(file);
            if (bytes == 0 || bytes % record_bytes != 0) {
                throw DataError(file.string() + ": " + std::to_string(bytes) +
                                " bytes; a binary batch of CIFAR-10 has 3073 bytes an image");
            }
            records_ += bytes / record_bytes;
        }
    }

    ArrayHeader inputs() const override
    {
        return {.where = name() + ": images",
                .sizes = {records_, 3, 32, 32},
                .element_bytes = 1,
                .stored_bytes = records_ * record_bytes};
    }
    ArrayHeader labels() const override
    {
        return {.where = name() + ": labels",
                .sizes = {records_},
                .element_bytes = 1,
                .stored_bytes = records_ * record_bytes};
    }
    bool inputs_are_bytes() const override { return true; }

    std::vector<float> read_inputs() override
    {
        std::vector<float> values;
        values.reserve(records_ * pixels);
        for_each_record([&](std::span<const std::byte> record) {
            for (const std::byte pixel : record.subspan(1)) {
                values.push_back(std::to_integer<std::uint8_t>(pixel));
            }
        });
        return values;
    }

    std::vector<std::int64_t> read_labels() override
    {
        std::vector<std::int64_t> values;
        values.reserve(records_);
        for_each_record([&](std::span<const std::byte> record) {
            values.push_back(std::to_integer<std::uint8_t>(record[0]));
            if (values.back() > 9) {
                throw DataError(name() + ": label " + std::to_string(values.back()) + " of image " +
                                std::to_string(values.size() - 1) +
                                "; CIFAR-10 has the classes 0 … 9 (another format, or a damaged file?)");
            }
        });
        return values;
    }

  private:
    std::vector<std::filesystem::path> files_;
    std::uint64_t records_ = 0;

    std::string name() const
    {
        return files_.size() == 1 ? files_.front().string()
                                  : files_.front().string() + " … " + files_.back().filename().string();
    }

    template <typename Visit>
    void for_each_record(Visit visit) const
    {
        std::vector<std::byte> record(record_bytes);
        for (const auto& file : files_) {
            Stream stream(file);
            for (auto left = std::filesystem::file_size(file) / record_bytes; left > 0; --left) {
                stream.read(record);
                visit(record);
            }
        }
    }
};

} // namespace

std::unique_ptr<Source> open_cifar10(const std::vector<std::filesystem::path>& files)
{
    return std::make_unique<Cifar10Source>(files);
}

} // namespace fa::jobs::data
