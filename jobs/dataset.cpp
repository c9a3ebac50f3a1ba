#include "jobs/dataset.hpp"

#include "jobs/data/as_data_errors.hpp"
#include "jobs/data/believed.hpp"
#include "jobs/data/scaling.hpp"
#include "jobs/data/source.hpp"
#include "jobs/data/split_files.hpp"
#include "jobs/sha256.hpp"

#include <algorithm>
#include <fstream>

namespace fa::jobs {

namespace data {

std::vector<SplitNames> names_in_files(const std::string& split)
{
    return {{split + "_x", split + "_y"},
            {"x_" + split, "y_" + split},
            {"X_" + split, "y_" + split},
            {split + "_images", split + "_labels"}};
}

} // namespace data

namespace {

using data::ArrayHeader;
using data::as_data_errors;
using data::believed_count;
using data::shape_text;

/// What both headers must agree on.
void check_headers(const ArrayHeader& x, const ArrayHeader& y)
{
    if (x.sizes.size() < 2) {
        throw DataError(x.where + " has shape " + shape_text(x.sizes) + "; [samples, features, …] is needed");
    }
    if (y.sizes.empty() || y.sizes.size() > 2 || (y.sizes.size() == 2 && y.sizes[1] != 1)) {
        throw DataError(y.where + " has shape " + shape_text(y.sizes) + "; [samples] is needed");
    }
    if (x.sizes[0] != y.sizes[0]) {
        throw DataError(x.where + " has " + std::to_string(x.sizes[0]) + " samples, but " + y.where +
                        " has " + std::to_string(y.sizes[0]) + " labels");
    }
    believed_count(y, sizeof(std::int64_t));
    if (believed_count(x, sizeof(float)) == 0) {
        throw DataError(x.where + " is empty: shape " + shape_text(x.sizes));
    }
}

void check_labels(const ArrayHeader& array, const std::vector<std::int64_t>& labels)
{
    const auto negative =
        std::find_if(labels.begin(), labels.end(), [](std::int64_t label) { return label < 0; });
    if (negative != labels.end()) {
        throw DataError(array.where + ": label " + std::to_string(*negative) + " of sample " +
                        std::to_string(negative - labels.begin()) + " is negative; classes count from 0");
    }
}

std::unique_ptr<data::Source> open_source(const data::SplitFiles& found, const std::string& split)
{
    switch (found.format) {
    case data::Format::hdf5:
        return data::open_hdf5(found.files.front(), split);
    case data::Format::npz:
        return data::open_npz(found.files.front(), split);
    case data::Format::idx:
        return data::open_idx(found.files.front());
    case data::Format::cifar10:
        return data::open_cifar10(found.files);
    }
    throw std::logic_error("a format without a reader");
}

/// An opened split whose headers hold together.
struct Opened {
    data::SplitFiles found;
    std::unique_ptr<data::Source> source;
    ArrayHeader x, y;
    std::vector<std::int64_t> shape; ///< of one sample, as stored

    Opened(const std::filesystem::path& data, const std::string& split)
        : found(data::find_split(data, split)), source(open_source(found, split)), x(source->inputs()),
          y(source->labels())
    {
        check_headers(x, y);
        for (std::size_t axis = 1; axis < x.sizes.size(); ++axis) {
            shape.push_back(static_cast<std::int64_t>(x.sizes[axis]));
        }
    }
};

/// Runs a step; errors of its options get the array's place.
template <typename Step>
void placed(const ArrayHeader& array, Step step)
{
    try {
        step();
    } catch (const DataError& error) {
        throw DataError(array.where + ": " + error.what());
    }
}

} // namespace

Split read_split(const std::filesystem::path& data, const std::string& split, const DataOptions& options)
{
    return as_data_errors([&] {
        Opened opened(data, split);
        Split result;
        result.labels = opened.source->read_labels();
        check_labels(opened.y, result.labels);
        result.inputs = opened.source->read_inputs();
        result.shape = opened.shape;
        result.features = static_cast<std::int64_t>(result.inputs.size() / result.labels.size());
        placed(opened.x, [&] {
            data::arrange(result.inputs, result.shape, options);
            data::scale(result.inputs, result.shape, opened.source->inputs_are_bytes(), options);
        });
        return result;
    });
}

SplitHeader read_split_header(const std::filesystem::path& data, const std::string& split,
                              const DataOptions& options)
{
    return as_data_errors([&] {
        Opened opened(data, split);
        std::vector<float> no_inputs;
        placed(opened.x, [&] {
            data::arrange(no_inputs, opened.shape, options);
            data::scale(no_inputs, opened.shape, false, options);
        });
        SplitHeader header{.samples = static_cast<std::int64_t>(opened.x.sizes[0]),
                           .shape = std::move(opened.shape)};
        for (const auto& file : opened.found.files) {
            header.file_bytes += std::filesystem::file_size(file);
        }
        return header;
    });
}

std::string split_sha256(const std::filesystem::path& data, const std::string& split)
{
    const auto found = as_data_errors([&] { return data::find_split(data, split); });
    Sha256 hash;
    std::vector<char> buffer(std::size_t{1} << 20);
    for (const auto& file : found.files) {
        std::ifstream input(file, std::ios::binary);
        while (input) {
            input.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
            hash.update(std::as_bytes(std::span(buffer).first(static_cast<std::size_t>(input.gcount()))));
        }
        if (!input.eof()) { // a file that is not there never reaches its end
            throw DataError(file.string() + ": can't be read");
        }
    }
    return hash.hex();
}

} // namespace fa::jobs
