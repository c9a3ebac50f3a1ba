#include "models/patches.hpp"

#include "models/inputs.hpp"
#include "models/shown.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace fa::models {
namespace {

const Spellings embedding = {"patch_embed", "patch_embed.proj"};

/// √n if n is a square, else 0.
std::int64_t root(std::int64_t n)
{
    const auto r = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(n))));
    return r * r == n ? r : 0;
}

/// "32x32" or "3x32x32" as numbers; an empty list if the key isn't given.
Shape image_size(const NetworkSettings& settings)
{
    const auto text = settings.text("image_size");
    if (!text)
        return {};
    constexpr std::int64_t largest = 1 << 20;
    Shape sizes;
    for (std::string_view rest = *text;;) {
        const auto word = rest.substr(0, rest.find('x'));
        std::int64_t size = 0;
        const auto [end, problem] = std::from_chars(word.data(), word.data() + word.size(), size);
        if (problem != std::errc() || end != word.data() + word.size() || size < 1 || size > largest)
            settings.refuse("image_size", "HEIGHTxWIDTH or CHANNELSxHEIGHTxWIDTH, e.g. 32x32,");
        sizes.push_back(size);
        if (word.size() == rest.size())
            break;
        rest.remove_prefix(word.size() + 1);
    }
    if (sizes.size() != 2 && sizes.size() != 3)
        settings.refuse("image_size", "HEIGHTxWIDTH or CHANNELSxHEIGHTxWIDTH, e.g. 32x32,");
    return sizes;
}

std::string patches_of(std::int64_t patches)
{
    return std::to_string(patches) + " patches";
}

/// Height and width of the image behind patches of a known size.
void find_image(PatchEmbedding& patch, const Shape& size, std::int64_t patches)
{
    const auto side = root(patches);
    if (size.empty() && side == 0)
        throw CheckpointError("the position embedding is of " + patches_of(patches) +
                              ", which make no square image: give image_size=HEIGHTxWIDTH");
    patch.height = size.empty() ? side * patch.rows : size[size.size() - 2];
    patch.width = size.empty() ? side * patch.columns : size[size.size() - 1];
    const auto shown_image = std::to_string(patch.height) + "x" + std::to_string(patch.width);
    if (patch.height % patch.rows != 0 || patch.width % patch.columns != 0 || patch.patches() != patches)
        throw CheckpointError("image_size " + shown_image + " doesn't fit the checkpoint's " +
                              patches_of(patches) + " of " + std::to_string(patch.rows) + "x" +
                              std::to_string(patch.columns));
}

PatchOrder order_of(const NetworkSettings& settings, std::int64_t channels)
{
    constexpr std::array<std::string_view, 2> words = {"channels_first", "channels_last"};
    const auto word = settings.choice("patch_order", words);
    if (!word && channels > 1) // no shape tells it
        throw CheckpointError(
            "patch_embed is a linear layer, and the order of a patch's " + std::to_string(channels) +
            " channels is not recorded: give patch_order=" + listed(words) + " in the manifest");
    return word == "channels_last" ? PatchOrder::channels_last : PatchOrder::channels_first;
}

/// A linear embedding: square patches, unless image and number of patches say otherwise.
PatchEmbedding linear_patches(const NetworkSettings& settings, const Shape& size, std::int64_t numbers)
{
    PatchEmbedding patch;
    for (const std::int64_t channels : {std::int64_t{1}, std::int64_t{3}})
        if (numbers % channels == 0 && root(numbers / channels) > 0)
            patch.channels = channels;
    if (size.size() == 3)
        patch.channels = size.front();
    patch.rows = patch.columns =
        patch.channels > 0 && numbers % patch.channels == 0 ? root(numbers / patch.channels) : 0;
    if (patch.rows == 0)
        throw CheckpointError("patch_embed takes patches of " + std::to_string(numbers) +
                              " numbers, which are no square ones" +
                              (size.size() == 3 ? " of " + std::to_string(patch.channels) + " channels"
                                                : ": give image_size=CHANNELSxHEIGHTxWIDTH"));
    patch.order = order_of(settings, patch.channels);
    return patch;
}

PatchEmbedding convolved_patches(const at::Tensor& weight, const Shape& size)
{
    PatchEmbedding patch;
    patch.channels = weight.size(1);
    patch.rows = weight.size(2);
    patch.columns = weight.size(3);
    if (size.size() == 3 && size.front() != patch.channels)
        throw CheckpointError("image_size says " + std::to_string(size.front()) +
                              " channels, but patch_embed takes " + std::to_string(patch.channels));
    return patch;
}

} // namespace

PatchEmbedding take_patch_embedding(Fitting& fitting, const NetworkSettings& settings, std::int64_t patches)
{
    const auto weight = fitting.peek(spelled("", embedding, ".weight"));
    const bool convolved = weight.defined() && weight.dim() == 4;
    const Shape expected = convolved ? Shape{0, 0, 0, 0} : Shape{0, 0};
    const auto taken = fitting.take(spelled("", embedding, ".weight"), expected);
    const auto bias =
        fitting.has(spelled("", embedding, ".bias"))
            ? fitting.take(spelled("", embedding, ".bias"), {taken.defined() ? taken.size(0) : 0})
            : at::Tensor();
    if (!taken.defined() || patches < 1)
        return {}; // finish() says why
    const auto size = image_size(settings);
    auto patch = convolved ? convolved_patches(weight, size) : linear_patches(settings, size, taken.size(1));
    find_image(patch, size, patches);
    patch.projection = {taken.flatten(1), bias};
    return patch;
}

at::Tensor PatchEmbedding::operator()(const at::Tensor& images) const
{
    const Shape image = {channels, height, width};
    if (images.dim() > 2 && images.sizes().slice(1) != at::IntArrayRef(image))
        throw std::invalid_argument("a sample has the shape " + shown(images.sizes().slice(1)) +
                                    ", the network takes " + shown(image) +
                                    " (image_size=HEIGHTxWIDTH says it where it can't be told)");
    const auto flat = vector_inputs(images, features(), projection.weight.scalar_type());
    const auto down = height / rows;
    const auto across = width / columns;
    const auto cut = flat.reshape({flat.size(0), channels, down, rows, across, columns});
    const auto ordered = order == PatchOrder::channels_first ? cut.permute({0, 2, 4, 1, 3, 5})
                                                             : cut.permute({0, 2, 4, 3, 5, 1});
    return linear(projection, ordered.reshape({flat.size(0), down * across, channels * rows * columns}));
}

} // namespace fa::models
