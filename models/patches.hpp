#pragma once
/// Images cut into patches and embedded: the first layer of a vision transformer.

#include "models/fitting.hpp"
#include "models/network_settings.hpp"

#include <ATen/ATen.h>

#include <cstdint>

namespace fa::models {

/// In which order a patch's numbers meet the columns of a linear embedding: as a convolution and F.unfold
/// have them (channel, row, column), or channels last.
enum class PatchOrder { channels_first, channels_last };

struct PatchEmbedding {
    Affine projection;                  ///< weight [d, channels · rows · columns of a patch]
    std::int64_t channels = 0;          ///< of the image
    std::int64_t height = 0, width = 0; ///< of the image
    std::int64_t rows = 0, columns = 0; ///< of a patch
    PatchOrder order = PatchOrder::channels_first;

    std::int64_t patches() const { return (height / rows) * (width / columns); }
    std::int64_t features() const { return channels * height * width; }

    /// Images, [N, channels, height, width] or flattened, to tokens [N, patches, d], row by row.
    /// @throws std::invalid_argument if the inputs' shape or precision is another
    at::Tensor operator()(const at::Tensor& images) const;
};

/// Takes `patch_embed` (or `patch_embed.proj`), the weight of a convolution whose stride is its size
/// [d, channels, rows, columns] or of a linear layer [d, numbers of a patch].
///
/// The image is square unless `image_size=HEIGHTxWIDTH` (or CHANNELSxHEIGHTxWIDTH) says otherwise; a linear
/// embedding's channels are 1 or 3, whichever makes the patches square, unless image_size says. With more
/// than one channel a linear embedding needs `patch_order=channels_first` or `channels_last`.
/// @param patches  how many there are
/// @throws CheckpointError if the image's size can't be found so
PatchEmbedding take_patch_embedding(Fitting& fitting, const NetworkSettings& settings, std::int64_t patches);

} // namespace fa::models
