#include "diagnostics/kernel_images.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <tuple>

namespace fa::diagnostics {
namespace {

KernelImage::Reach reach_of(const std::string& suffix)
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
    // What follows arch= is what the code is made by way of. The last digit is the minor version: sm_103.
    static const std::regex name("(arch=)?(sm|compute)_([0-9]+)([0-9])([af]?)");
    const std::string flags(nvcc_flags);
    std::vector<KernelImage> images;
    for (std::sregex_iterator found(flags.begin(), flags.end(), name), end; found != end; ++found) {
        const auto& part = *found;
        if (!part[1].matched)
            images.push_back({.major = std::stoi(part[3]),
                              .minor = std::stoi(part[4]),
                              .code = part[2] == "sm" ? KernelImage::Code::machine : KernelImage::Code::ptx,
                              .reach = reach_of(part[5])});
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
