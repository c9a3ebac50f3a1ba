#pragma once
/// What a manifest says of a data set's numbers (keys data_scale, data_mean, data_std, data_layout).

#include <optional>
#include <vector>

namespace fa::jobs {

/// How the axes of an image lie in the file; networks take [channels, height, width].
enum class ImageLayout { channels_first, channels_last };

/// An input x becomes (x·scale − mean)/std, all in float32: the very numbers of torchvision's ToTensor and
/// Normalize.
struct DataOptions {
    std::optional<double> scale = {}; ///< unset: 1, and of uint8 (pixels) x/255
    std::vector<double> mean = {};    ///< one, or one for each entry of a sample's first axis; empty: 0
    std::vector<double> std = {};     ///< likewise, each above 0; empty: 1
    ImageLayout layout = ImageLayout::channels_first;

    friend bool operator==(const DataOptions&, const DataOptions&) = default;
    /// Of no meaning, for maps.
    friend auto operator<=>(const DataOptions&, const DataOptions&) = default;
};

} // namespace fa::jobs
