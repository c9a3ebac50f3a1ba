#include "jobs/dataset.hpp"

#include "jobs/sha256.hpp"
#include "store/hdf5.hpp"

#include <algorithm>
#include <fstream>
#include <limits>

#include <unistd.h>

namespace fa::jobs {

namespace {

using store::check;
using store::Handle;

/// An open dataset and how messages call it.
struct Source {
    std::string where; ///< "mnist1d.h5: dataset 'test/x'"
    Handle dataset;
    std::vector<std::uint64_t> sizes;
};

Source open_source(const Handle& file, const std::filesystem::path& path, const std::string& name)
{
    if (!store::has_link(file, name)) {
        throw DataError(path.string() + ": no dataset '" + name +
                        "'; a data set has train/x, train/y, test/x and test/y");
    }
    Source source{path.string() + ": dataset '" + name + "'", {}, {}};
    source.dataset = store::open_dataset(file, name, path.string());
    source.sizes = store::dimensions(source.dataset, source.where);
    return source;
}

std::string shape_text(const std::vector<std::uint64_t>& sizes)
{
    std::string text = "[";
    for (const std::uint64_t size : sizes) {
        text += (text.size() > 1 ? ", " : "") + std::to_string(size);
    }
    return text + "]";
}

void require_type(const Source& source, H5T_class_t type, std::size_t bytes, const std::string& needed)
{
    const Handle stored(H5Dget_type(source.dataset.get()), H5Tclose, source.where);
    const bool right =
        H5Tget_class(stored.get()) == type && (bytes == 0 || H5Tget_size(stored.get()) == bytes);
    if (!right) {
        throw DataError(source.where + " has another element type; " + needed);
    }
}

/// Elements of the whole dataset, if that many could exist.
std::size_t element_count(const Source& source)
{
    std::uint64_t count = 1;
    for (const std::uint64_t size : source.sizes) {
        if (size != 0 && count > std::numeric_limits<std::int64_t>::max() / size) {
            throw DataError(source.where + " of shape " + shape_text(source.sizes) + " is too large");
        }
        count *= size;
    }
    return count;
}

/// The machine's memory in bytes.
std::size_t physical_memory()
{
    return static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) *
           static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

template <typename T>
std::vector<T> read_all(const Source& source, hid_t memory_type)
{
    // A chunked dataset can claim any size without holding anything.
    if (element_count(source) > physical_memory() / sizeof(T)) {
        throw DataError(source.where + " of shape " + shape_text(source.sizes) + " doesn't fit the memory");
    }
    std::vector<T> values(element_count(source));
    check(H5Dread(source.dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
          source.where);
    return values;
}

void check_labels(const Source& source, const std::vector<std::int64_t>& labels)
{
    const auto negative =
        std::find_if(labels.begin(), labels.end(), [](std::int64_t label) { return label < 0; });
    if (negative != labels.end()) {
        throw DataError(source.where + ": label " + std::to_string(*negative) + " of sample " +
                        std::to_string(negative - labels.begin()) + " is negative; classes count from 0");
    }
}

Split read_open_split(const std::filesystem::path& path, const std::string& split)
{
    const Handle file = store::open_to_read(path);
    const Source x = open_source(file, path, split + "/x");
    const Source y = open_source(file, path, split + "/y");
    require_type(x, H5T_FLOAT, sizeof(float), "inputs are float32");
    require_type(y, H5T_INTEGER, 0, "labels are integers (class numbers from 0)");
    if (x.sizes.size() < 2) {
        throw DataError(x.where + " has shape " + shape_text(x.sizes) + "; [samples, features, …] is needed");
    }
    if (y.sizes.size() != 1) {
        throw DataError(y.where + " has shape " + shape_text(y.sizes) + "; [samples] is needed");
    }
    if (x.sizes[0] != y.sizes[0]) {
        throw DataError(x.where + " has " + std::to_string(x.sizes[0]) + " samples, but '" + split +
                        "/y' has " + std::to_string(y.sizes[0]) + " labels");
    }
    if (element_count(x) == 0) {
        throw DataError(x.where + " is empty: shape " + shape_text(x.sizes));
    }
    Split result;
    result.inputs = read_all<float>(x, H5T_NATIVE_FLOAT);
    result.labels = read_all<std::int64_t>(y, H5T_NATIVE_INT64);
    result.features = static_cast<std::int64_t>(element_count(x) / x.sizes[0]);
    result.shape.assign(x.sizes.begin() + 1, x.sizes.end());
    check_labels(y, result.labels);
    return result;
}

} // namespace

Split read_split(const std::filesystem::path& file, const std::string& split)
{
    try {
        return read_open_split(file, split);
    } catch (const store::StoreError& error) {
        throw DataError(error.what());
    }
}

std::string file_sha256(const std::filesystem::path& file)
{
    std::ifstream input(file, std::ios::binary);
    Sha256 hash;
    std::vector<char> buffer(std::size_t{1} << 20);
    while (input) {
        input.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
        hash.update(std::as_bytes(std::span(buffer).first(static_cast<std::size_t>(input.gcount()))));
    }
    if (!input.eof()) { // a folder opens, but doesn't read; a file that is not there never reaches its end
        throw DataError(file.string() + ": can't be read");
    }
    return hash.hex();
}

} // namespace fa::jobs
