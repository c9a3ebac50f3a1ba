#include "jobs/data/tensor_arrays.hpp"

#include "jobs/data/believed.hpp"
#include "jobs/manifest_words.hpp"
#include "store/attributes.hpp"

#include <utility>

namespace fa::jobs::data {
namespace {

using store::Handle;

constexpr auto schema = "fa-harness tensors 1";
constexpr std::uint64_t most_layers = 10'000;

herr_t add_name(hid_t, const char* name, const H5A_info_t*, void* names)
{
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
}

/// Text attributes.
std::map<std::string, std::string> metadata_of(const Handle& file, const std::string& shown)
{
    std::vector<std::string> names;
    hsize_t at = 0;
    store::check(H5Aiterate2(file.get(), H5_INDEX_NAME, H5_ITER_INC, &at, add_name, &names), shown);
    const store::AttributeReader attributes(file.get(), shown);
    std::map<std::string, std::string> metadata;
    for (const std::string& name : names) {
        if (name == "schema" || name == "reduction" || name == "batch_size" || name == "accuracy") {
            continue;
        }
        try {
            metadata[name] = attributes.text(name.c_str());
        } catch (const store::StoreError&) {
            continue; // no text: nothing that fa-harness heeds
        }
    }
    return metadata;
}

/// "[6, any]"
std::string wanted_text(const std::vector<std::uint64_t>& wanted)
{
    std::string text = "[";
    for (const std::uint64_t size : wanted) {
        text += (text.size() > 1 ? ", " : "") + (size == 0 ? "any" : std::to_string(size));
    }
    return text + "]";
}

} // namespace

std::string layer_name(const std::string& group, std::size_t layer)
{
    return group + "/" + std::to_string(layer);
}

TensorArrays::TensorArrays(Handle file, std::string shown, std::uint64_t file_bytes)
    : shown_(std::move(shown)), file_(std::move(file)), file_bytes_(file_bytes)
{
    read_attributes();
    open_arrays();
}

const Hdf5Array& TensorArrays::at(const std::string& name) const
{
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) {
        throw DataError(shown_ + ": no dataset '" + name + "'");
    }
    return found->second;
}

const Hdf5Array& TensorArrays::open(const std::string& name, const Sizes& wanted, Hdf5Array::Numbers numbers)
{
    const Hdf5Array& array = arrays_.emplace(name, Hdf5Array(file_, shown_, name, file_bytes_)).first->second;
    const ArrayHeader& header = array.header();
    if (array.numbers() != numbers) {
        throw DataError(header.where + " has another element type; " +
                        (numbers == Hdf5Array::Numbers::floats ? "floats" : "integers") + " are needed");
    }
    bool fits = header.sizes.size() == wanted.size();
    for (std::size_t axis = 0; fits && axis < wanted.size(); ++axis) {
        fits = header.sizes[axis] > 0 && (wanted[axis] == 0 || header.sizes[axis] == wanted[axis]);
    }
    if (!fits) {
        throw DataError(header.where + " has shape " + shape_text(header.sizes) + "; " + wanted_text(wanted) +
                        " is needed");
    }
    believed_count(header, sizeof(double));
    return array;
}

void TensorArrays::open_layers(const std::string& group, std::uint64_t samples)
{
    for (std::size_t layer = 0; layer < widths_.size(); ++layer) {
        open(layer_name(group, layer), {samples, static_cast<std::uint64_t>(widths_[layer])});
    }
}

void TensorArrays::read_attributes()
{
    const store::AttributeReader root(file_.get(), shown_);
    const std::string found = root.has("schema") ? root.text("schema") : "";
    if (found != schema) {
        throw DataError(shown_ + ": the attribute schema is " + in_quotes(found) + ", not '" + schema +
                        "' (is it a tensors file? docs/tensors.md describes one)");
    }
    const std::string reduction = root.has("reduction") ? root.text("reduction") : "sum";
    if (reduction == "mean") {
        const std::int64_t batch_size = root.integer("batch_size");
        if (batch_size < 1) {
            throw DataError(shown_ + ": the attribute batch_size is " + std::to_string(batch_size) +
                            ", by which mean gradients can't have been divided");
        }
        gradient_factor_ = static_cast<double>(batch_size);
    } else if (reduction != "sum") {
        throw DataError(shown_ + ": the attribute reduction is " + in_quotes(reduction) +
                        "; sum or mean is right");
    }
    metadata_ = metadata_of(file_, shown_);
}

void TensorArrays::open_arrays()
{
    const Sizes errors = open("error", {0, 0}).header().sizes;
    const std::uint64_t samples = errors[0];
    for (std::size_t layer = 0; layer < most_layers && has(layer_name("gradient", layer)); ++layer) {
        const auto& sizes = open(layer_name("gradient", layer), {samples, 0}).header().sizes;
        widths_.push_back(static_cast<std::int64_t>(sizes[1]));
    }
    if (widths_.empty()) {
        throw DataError(shown_ +
                        ": no dataset 'gradient/0'; gradient/<l> are the loss's gradients at the hidden "
                        "states h_0 … h_L");
    }
    open("label", {samples}, Hdf5Array::Numbers::integers);
    if (has("hidden")) {
        open_layers("hidden", samples);
    } else if (has("hidden_norm")) {
        open("hidden_norm", {samples, widths_.size()});
    } else {
        throw DataError(shown_ + ": neither hidden/<l> nor hidden_norm; one of them is needed");
    }
    if (has("credit")) {
        open_layers("credit", samples);
    }
    for (std::size_t layer = 0; layer < widths_.size(); ++layer) {
        if (has(layer_name("feedback", layer))) {
            open(layer_name("feedback", layer), {0, 0});
        }
    }
    if (has("loss")) {
        open("loss", {samples});
    }
    if (has("correct")) {
        open("correct", {0}, Hdf5Array::Numbers::integers);
    }
}

} // namespace fa::jobs::data
