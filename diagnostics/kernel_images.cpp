#include "diagnostics/kernel_images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <tuple>

namespace fa::diagnostics {
namespace {

KernelImage::Reach reach_of(std::string_view suffix)
{
    using Reach = KernelImage::Reach;
    return suffix == "a" ? Reach::exact : suffix == "f" ? Reach::family : Reach::usual;
}

std::string to_text(const KernelImage& image)
{
    using Reach = KernelImage::Reach;
    return fmt::format("{}{}.{}{}", image.code == KernelImage::Code::ptx ? "PTX of " : "", image.major,
                       image.minor,
                       image.reach == Reach::exact    ? "a"
                       : image.reach == Reach::family ? "f"
                                                      : "");
}

} // namespace

std::vector<KernelImage> images_of(std::string_view nvcc_flags)
{
    std::vector<KernelImage> images;
    for (auto place = nvcc_flags.find('_'); place != std::string_view::npos;
         place = nvcc_flags.find('_', place + 1)) {
        const auto before = nvcc_flags.substr(0, place), after = nvcc_flags.substr(place + 1);
        const bool is_machine = before.ends_with("sm"), is_ptx = before.ends_with("compute");
        const auto number = after.substr(0, after.find_first_not_of("0123456789"));
        // What follows arch= is what the code is made by way of.
        if ((!is_machine && !is_ptx) || before.ends_with("arch=compute") || number.size() < 2)
            continue;
        int capability = 0; // its last digit is the minor version: sm_103
        std::from_chars(number.data(), number.data() + number.size(), capability);
        images.push_back({.major = capability / 10,
                          .minor = capability % 10,
                          .code = is_machine ? KernelImage::Code::machine : KernelImage::Code::ptx,
                          .reach = reach_of(after.substr(number.size(), 1))});
    }
    return images;
}

bool runs_on(const KernelImage& image, int major, int minor)
{
    const bool same_major_not_older = major == image.major && minor >= image.minor;
    switch (image.reach) {
    case KernelImage::Reach::exact:
        return major == image.major && minor == image.minor;
    case KernelImage::Reach::family:
        return same_major_not_older;
    case KernelImage::Reach::usual:
        break;
    }
    if (image.code == KernelImage::Code::machine)
        return same_major_not_older;
    return std::tie(major, minor) >= std::tie(image.major, image.minor);
}

std::string to_text(std::span<const KernelImage> images)
{
    std::string text;
    for (const auto& image : images)
        text += (text.empty() ? "" : ", ") + to_text(image);
    return text;
}

std::string why_not_on(int major, int minor, std::span<const Kernels> kernels)
{
    for (const auto& [whose, images, remedy] : kernels)
        if (!images.empty() &&
            std::ranges::none_of(images, [&](const auto& image) { return runs_on(image, major, minor); }))
            return fmt::format("{} has kernels for {}: {}", whose, to_text(images), remedy);
    return "";
}

} // namespace fa::diagnostics
