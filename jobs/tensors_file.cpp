#include "jobs/tensors_file.hpp"

#include "jobs/data/as_data_errors.hpp"
#include "jobs/data/tensor_arrays.hpp"
#include "store/heaps.hpp"

#include <algorithm>
#include <fstream>

namespace fa::jobs {
namespace {

using data::as_data_errors;
using data::Hdf5Array;
using data::layer_name;

std::vector<std::byte> bytes_of(const std::filesystem::path& file)
{
    return as_data_errors([&] {
        std::vector<std::byte> bytes(std::filesystem::file_size(file));
        std::ifstream stream(file, std::ios::binary);
        stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        if (!stream) {
            throw DataError(file.string() + ": can't be read");
        }
        return bytes;
    });
}

} // namespace

TensorsFile::TensorsFile(const std::filesystem::path& file) : TensorsFile(bytes_of(file), file.string()) {}

TensorsFile::TensorsFile(std::span<const std::byte> image, const std::string& shown)
    : arrays_(as_data_errors([&] {
          store::check_global_heaps(image, shown);
          return std::make_unique<data::TensorArrays>(store::open_image_to_read(image, shown), shown,
                                                      image.size());
      }))
{
}

TensorsFile::~TensorsFile() = default;
TensorsFile::TensorsFile(TensorsFile&&) noexcept = default;
TensorsFile& TensorsFile::operator=(TensorsFile&&) noexcept = default;

std::int64_t TensorsFile::samples() const
{
    return static_cast<std::int64_t>(arrays_->at("error").header().sizes[0]);
}

std::int64_t TensorsFile::classes() const
{
    return static_cast<std::int64_t>(arrays_->at("error").header().sizes[1]);
}

std::vector<std::int64_t> TensorsFile::widths() const
{
    return arrays_->widths();
}

std::int64_t TensorsFile::test_samples() const
{
    return arrays_->contains("correct") ? static_cast<std::int64_t>(arrays_->at("correct").header().sizes[0])
                                        : 0;
}

bool TensorsFile::has_hidden_states() const
{
    return arrays_->contains("hidden/0");
}

bool TensorsFile::has_credit() const
{
    return arrays_->contains("credit/0");
}

bool TensorsFile::has_loss() const
{
    return arrays_->contains("loss");
}

double TensorsFile::gradient_factor() const
{
    return arrays_->gradient_factor();
}

const std::map<std::string, std::string>& TensorsFile::metadata() const
{
    return arrays_->metadata();
}

std::vector<double> TensorsFile::rows(const std::string& dataset, std::int64_t first,
                                      std::int64_t count) const
{
    return as_data_errors([&] {
        const Hdf5Array& array = arrays_->at(dataset);
        const auto& sizes = array.header().sizes;
        const std::size_t columns = sizes.size() > 1 ? sizes[1] : 1;
        std::vector<double> values(static_cast<std::size_t>(count) * columns);
        array.read_rows(static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(count),
                        H5T_NATIVE_DOUBLE, values.data());
        return values;
    });
}

std::vector<std::int64_t> TensorsFile::labels() const
{
    return as_data_errors([&] {
        const Hdf5Array& array = arrays_->at("label");
        std::vector<std::int64_t> values(static_cast<std::size_t>(samples()));
        array.read_rows(0, values.size(), H5T_NATIVE_INT64, values.data());
        const auto wrong = std::find_if(values.begin(), values.end(),
                                        [&](std::int64_t label) { return label < 0 || label >= classes(); });
        if (wrong != values.end()) {
            throw DataError(array.header().where + ": label " + std::to_string(*wrong) + " of sample " +
                            std::to_string(wrong - values.begin()) + "; 'error' has the classes 0 … " +
                            std::to_string(classes() - 1));
        }
        return values;
    });
}

std::vector<std::uint8_t> TensorsFile::correct() const
{
    return as_data_errors([&] {
        std::vector<std::uint8_t> values(static_cast<std::size_t>(test_samples()));
        if (values.empty()) {
            return values;
        }
        const Hdf5Array& array = arrays_->at("correct");
        array.read_rows(0, values.size(), H5T_NATIVE_UINT8, values.data());
        if (std::any_of(values.begin(), values.end(), [](std::uint8_t value) { return value > 1; })) {
            throw DataError(array.header().where + " has other numbers than 1 (right) and 0 (wrong)");
        }
        return values;
    });
}

std::map<std::string, TensorsFile::Matrix> TensorsFile::feedback() const
{
    std::map<std::string, Matrix> matrices;
    for (std::size_t layer = 0; layer < arrays_->widths().size(); ++layer) {
        const std::string name = layer_name("feedback", layer);
        if (!arrays_->contains(name)) {
            continue;
        }
        const auto& sizes = arrays_->at(name).header().sizes;
        const auto rows_of_it = static_cast<std::int64_t>(sizes[0]);
        matrices["feedback." + std::to_string(layer)] = {rows(name, 0, rows_of_it), rows_of_it,
                                                         static_cast<std::int64_t>(sizes[1])};
    }
    return matrices;
}

} // namespace fa::jobs
