#include "jobs/data/split_files.hpp"

#include "jobs/data_error.hpp"

#include <array>
#include <fstream>
#include <optional>
#include <string_view>

namespace fa::jobs::data {
namespace {

using std::filesystem::path;
using namespace std::string_view_literals;

constexpr auto hdf5_signature = "\x89HDF\r\n\x1a\n"sv;
constexpr std::uintmax_t cifar10_record = 3073;
constexpr auto known_formats =
    "a data set is an HDF5 file, a .npz file, or MNIST's IDX or CIFAR-10's binary files or their folder";

bool is_file(const path& file)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored);
}

/// The file's first bytes: an IDX header of up to 7 axes fits.
std::string first_bytes(const path& file)
{
    std::string start(32, '\0');
    std::ifstream stream(file, std::ios::binary);
    stream.read(start.data(), static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(stream.gcount()));
    return start;
}

/// HDF5's signature stands at 0, or behind a user block at 512, 1024, 2048, …
bool is_hdf5(const path& file)
{
    std::ifstream stream(file, std::ios::binary);
    const std::uintmax_t size = std::filesystem::file_size(file);
    for (std::uintmax_t at = 0; at + hdf5_signature.size() <= size; at = at == 0 ? 512 : 2 * at) {
        std::array<char, hdf5_signature.size()> found{};
        stream.seekg(static_cast<std::streamoff>(at));
        stream.read(found.data(), found.size());
        if (stream && std::string_view(found.data(), found.size()) == hdf5_signature) {
            return true;
        }
    }
    return false;
}

bool is_idx(std::string_view start)
{
    return start.starts_with("\0\0"sv) && start.size() > 3 && start[2] >= 8 && start[2] <= 14 && start[3] > 0;
}

/// Bytes of an IDX file of single bytes, by its header.
std::uintmax_t idx_bytes(std::string_view start)
{
    const auto byte = [&](std::size_t at) {
        return at < start.size() ? static_cast<unsigned char>(start[at]) : 0u;
    };
    const std::size_t axes = byte(3);
    std::uintmax_t numbers = 1;
    for (std::size_t at = 4; at < 4 + 4 * axes; at += 4) {
        numbers *= byte(at) << 24 | byte(at + 1) << 16 | byte(at + 2) << 8 | byte(at + 3);
    }
    return 4 + 4 * axes + numbers;
}

/// Binary batches have no signature: their size and the first label are all that tells, and a first image
/// that begins with black pixels looks like an IDX header.
bool is_cifar10(const path& file, std::string_view start)
{
    const auto size = std::filesystem::file_size(file);
    const bool fits = size > 0 && size % cifar10_record == 0 && start[0] >= 0 && start[0] <= 9;
    return fits && !(is_idx(start) && idx_bytes(start) == size);
}

std::optional<Format> format_of(const path& file)
{
    const std::string start = first_bytes(file);
    if (start.starts_with("PK\3\4"sv) || start.starts_with("PK\5\6"sv)) {
        return Format::npz;
    }
    if (start.starts_with("\x1f\x8b"sv)) {
        return Format::idx;
    }
    if (is_hdf5(file)) {
        return Format::hdf5;
    }
    if (is_cifar10(file, start)) {
        return Format::cifar10;
    }
    return is_idx(start) ? std::optional(Format::idx) : std::nullopt;
}

/// A file's name with one part of it replaced; nothing if the part isn't in it.
std::optional<std::string> renamed(const std::string& name, std::string_view part, std::string_view by)
{
    const auto at = name.find(part);
    return at == std::string::npos ? std::nullopt
                                   : std::optional(std::string(name).replace(at, part.size(), by));
}

/// The file, or the same gzipped or not.
std::optional<path> packed_or_not(const path& file)
{
    if (is_file(file)) {
        return file;
    }
    path other = file;
    file.extension() == ".gz" ? other.replace_extension() : other += ".gz";
    return is_file(other) ? std::optional(other) : std::nullopt;
}

SplitFiles idx_of(const path& images)
{
    return {Format::idx, {images, idx_labels_beside(images)}};
}

/// The images of a split, beside those that were named.
SplitFiles idx_beside(const path& images, const std::string& split)
{
    const std::string name = images.filename().string();
    if (split == "test" || name.find("train") != std::string::npos) {
        return idx_of(images);
    }
    auto wanted = renamed(name, "t10k", "train");
    if (!wanted) {
        wanted = renamed(name, "test", "train");
    }
    const auto file = wanted ? packed_or_not(images.parent_path() / *wanted) : std::nullopt;
    if (!file) {
        throw DataError(images.string() + ": no training images beside it" +
                        (wanted ? " ('" + *wanted + "')" : ""));
    }
    return idx_of(*file);
}

/// data_batch_1.bin, data_batch_2.bin, … in the order of their numbers; of the test split test_batch.bin.
std::vector<path> cifar10_files(const path& folder, const std::string& split)
{
    if (split == "test") {
        const path file = folder / "test_batch.bin";
        return is_file(file) ? std::vector{file} : std::vector<path>{};
    }
    std::vector<path> files;
    for (int number = 1; is_file(folder / ("data_batch_" + std::to_string(number) + ".bin")); ++number) {
        files.push_back(folder / ("data_batch_" + std::to_string(number) + ".bin"));
    }
    return files;
}

SplitFiles of_folder(const path& folder, const std::string& split)
{
    if (auto files = cifar10_files(folder, split); !files.empty()) {
        return {Format::cifar10, std::move(files)};
    }
    const std::string stem = split == "test" ? "t10k" : "train";
    for (const char* rest : {"-images-idx3-ubyte", "-images.idx3-ubyte"}) {
        if (const auto images = packed_or_not(folder / (stem + rest))) {
            return idx_of(*images);
        }
    }
    if (is_file(folder / "test_batch") || is_file(folder / "data_batch_1")) {
        throw DataError(folder.string() +
                        ": CIFAR-10 as Python's pickles, which are programs; the binary version "
                        "(cifar-10-binary.tar.gz, *_batch.bin) is read");
    }
    throw DataError(folder.string() + ": has neither " +
                    (split == "test" ? "test_batch.bin" : "data_batch_1.bin") + " (CIFAR-10) nor " + stem +
                    "-images-idx3-ubyte (MNIST); " + known_formats);
}

} // namespace

std::filesystem::path idx_labels_beside(const path& images)
{
    auto name = renamed(images.filename().string(), "images", "labels");
    if (!name) {
        throw DataError(images.string() + ": images of an IDX file are in NAME-images-…, their labels in "
                                          "NAME-labels-…; this name has no 'images'");
    }
    name = renamed(*name, "idx3", "idx1").value_or(*name);
    const auto labels = packed_or_not(images.parent_path() / *name);
    if (!labels) {
        throw DataError(images.string() + ": no labels beside it ('" + *name + "')");
    }
    return *labels;
}

SplitFiles find_split(const path& data, const std::string& split)
{
    std::error_code error;
    if (std::filesystem::is_directory(data, error)) {
        return of_folder(data, split);
    }
    if (!is_file(data)) {
        const bool there = std::filesystem::exists(data, error);
        throw DataError(data.string() + (there ? ": is no regular file" : ": no such file"));
    }
    const auto format = format_of(data);
    if (!format) {
        throw DataError(data.string() + ": of no known format; " + known_formats);
    }
    if (*format == Format::idx) {
        return idx_beside(data, split);
    }
    if (*format == Format::cifar10 && split == "train") {
        auto files = cifar10_files(data.parent_path(), split);
        if (files.empty()) {
            throw DataError(data.string() + ": no data_batch_1.bin beside it");
        }
        return {Format::cifar10, std::move(files)};
    }
    return {*format, {data}};
}

} // namespace fa::jobs::data
