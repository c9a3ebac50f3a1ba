#include "models/torch_file/container.hpp"

#include "models/checkpoint_error.hpp"

#include <algorithm>
#include <string_view>

namespace fa::models::torch_file {
namespace {

using namespace std::string_view_literals;

/// torch.serialization.MAGIC_NUMBER as protocols 2 to 5 and 1 write it.
constexpr auto magic_bytes = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv;
constexpr auto magic_decimal = "119547037146038801333356"sv;

bool is_legacy(std::span<const std::byte> bytes)
{
    constexpr std::size_t longest_first_pickle = 64;
    try {
        const auto first = pickle::read(bytes.first(std::min(bytes.size(), longest_first_pickle)));
        const auto& number = first.objects[first.root];
        return number.is(pickle::Kind::big_integer) &&
               (number.text() == magic_bytes || number.text() == magic_decimal);
    } catch (const CheckpointError&) {
        return false;
    }
}

} // namespace

Format format_of(std::span<const std::byte> bytes)
{
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("PK\3\4"sv) || text.starts_with("PK\5\6"sv))
        return Format::zip;
    constexpr std::size_t tar_magic = 257;
    if (text.size() > tar_magic && text.substr(tar_magic).starts_with("ustar"sv))
        return Format::tar;
    return is_legacy(bytes) ? Format::legacy : Format::other;
}

std::unique_ptr<Container> open(std::span<const std::byte> bytes)
{
    switch (format_of(bytes)) {
    case Format::zip:
        return open_zip(bytes);
    case Format::legacy:
        return open_legacy(bytes);
    case Format::tar:
        throw CheckpointError(
            "a tar archive, as PyTorch 0.1 wrote: load it there or with Python's torch.load "
            "and save it again");
    case Format::other:
        break;
    }
    throw CheckpointError("neither a safetensors nor a torch.save file");
}

} // namespace fa::models::torch_file
