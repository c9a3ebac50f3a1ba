#include "jobs/data/scaling.hpp"

#include "jobs/data_error.hpp"

#include <functional>
#include <numeric>
#include <string_view>

namespace fa::jobs::data {
namespace {

std::size_t numbers_in(const std::vector<std::int64_t>& shape)
{
    return static_cast<std::size_t>(
        std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
}

/// Applies a list of one number, or of one for each entry of a sample's first axis. Entries in order of the
/// file, one operation at a time, so that every result is rounded to float32 as PyTorch rounds it.
template <typename Operation>
void apply(std::string_view key, const std::vector<double>& list, std::vector<float>& inputs,
           const std::vector<std::int64_t>& shape, Operation operation)
{
    if (list.empty()) {
        return;
    }
    const auto entries = static_cast<std::size_t>(shape.front());
    if (list.size() != 1 && list.size() != entries) {
        throw DataError(std::string(key) + " has " + std::to_string(list.size()) +
                        " numbers; one is needed, or one for each of the " + std::to_string(entries) +
                        " entries of a sample's first axis");
    }
    const std::size_t each = numbers_in(shape) / entries;
    for (std::size_t begin = 0, entry = 0; begin < inputs.size();
         begin += each, entry = (entry + 1) % entries) {
        const auto number = static_cast<float>(list[list.size() == 1 ? 0 : entry]);
        for (std::size_t i = begin; i < begin + each; ++i) {
            inputs[i] = operation(inputs[i], number);
        }
    }
}

} // namespace

void arrange(std::vector<float>& inputs, std::vector<std::int64_t>& shape, const DataOptions& options)
{
    if (options.layout == ImageLayout::channels_first) {
        return;
    }
    if (shape.size() != 3) {
        throw DataError("data_layout=channels_last is for samples [height, width, channels]; these have " +
                        std::to_string(shape.size()) + " axes");
    }
    const auto channels = static_cast<std::size_t>(shape[2]);
    const std::size_t features = numbers_in(shape);
    const std::size_t positions = features / channels;
    std::vector<float> image(features);
    for (std::size_t begin = 0; begin < inputs.size(); begin += features) {
        for (std::size_t position = 0; position < positions; ++position) {
            for (std::size_t channel = 0; channel < channels; ++channel) {
                image[channel * positions + position] = inputs[begin + position * channels + channel];
            }
        }
        std::copy(image.begin(), image.end(), inputs.begin() + static_cast<std::ptrdiff_t>(begin));
    }
    shape = {shape[2], shape[0], shape[1]};
}

void scale(std::vector<float>& inputs, const std::vector<std::int64_t>& shape, bool are_bytes,
           const DataOptions& options)
{
    if (options.scale) {
        for (float& value : inputs) {
            value *= static_cast<float>(*options.scale);
        }
    } else if (are_bytes) {
        for (float& value : inputs) {
            value /= 255.0f;
        }
    }
    apply("data_mean", options.mean, inputs, shape, [](float x, float mean) { return x - mean; });
    apply("data_std", options.std, inputs, shape, [](float x, float std) { return x / std; });
}

} // namespace fa::jobs::data
