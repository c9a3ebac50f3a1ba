#include "models/foreign_file.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace fa::models {
namespace {

using namespace std::string_view_literals;

constexpr auto pickle_text =
    "a pickle that torch.save didn't write: load it in Python and torch.save a dict of its tensors"sv;
constexpr auto web_page = "a web page, not the file that its link seemed to be"sv;

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> beginnings{{
    {"version "sv, "a Git LFS pointer to the file, not the file itself: git lfs pull fetches it"sv},
    {"\x89HDF\r\n\x1a\n"sv,
     "an HDF5 file, which is no checkpoint; what another framework measured is audited with model=tensors "
     "(docs/tensors.md)"sv},
    {"\x1f\x8b"sv, "compressed with gzip: gunzip it first"sv},
    {"<!DOCTYP"sv, web_page},
    {"<!doctyp"sv, web_page},
    {"<html"sv, web_page},
    {"\x80\x02}q"sv, pickle_text},
    {"\x80\x03}q"sv, pickle_text},
    {"\x80\x02"
     "ccolle"sv,
     pickle_text},
    {"\x80\x03"
     "ccolle"sv,
     pickle_text},
    {"\x80\x04\x95"sv, pickle_text},
    {"\x80\x05\x95"sv, pickle_text},
}};

} // namespace

std::optional<std::string> foreign_file(std::span<const std::byte> front)
{
    const std::string_view text(reinterpret_cast<const char*>(front.data()), front.size());
    for (const auto& [beginning, what] : beginnings)
        if (text.starts_with(beginning))
            return "it is " + std::string(what);
    return std::nullopt;
}

} // namespace fa::models
