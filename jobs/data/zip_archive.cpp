#include "jobs/data/zip_archive.hpp"

#include "jobs/data_error.hpp"
#include "jobs/manifest_words.hpp"

#include <zip.h>

#include <algorithm>

namespace fa::jobs::data {

void ZipArchive::Closer::operator()(zip* archive) const
{
    zip_discard(archive);
}

void ZipArchive::Reader::Closer::operator()(zip_file* file) const
{
    zip_fclose(file);
}

ZipArchive::ZipArchive(const std::filesystem::path& file) : path_(file)
{
    int code = 0;
    archive_.reset(zip_open(file.c_str(), ZIP_RDONLY, &code));
    if (archive_ == nullptr) {
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        const std::string reason = zip_error_strerror(&error);
        zip_error_fini(&error);
        throw DataError(file.string() + ": the zip can't be opened: " + reason + " (truncated?)");
    }
}

std::optional<ZipArchive::Member> ZipArchive::find(const std::string& name) const
{
    zip_stat_t entry;
    if (zip_stat(archive_.get(), name.c_str(), ZIP_FL_ENC_RAW, &entry) != 0) {
        return std::nullopt;
    }
    const std::string where = path_.string() + ": member " + in_quotes(name);
    constexpr zip_uint64_t needed = ZIP_STAT_INDEX | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                                    ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((entry.valid & needed) != needed) {
        throw DataError(where + " is not described whole by the zip");
    }
    const bool known_method = entry.comp_method == ZIP_CM_STORE || entry.comp_method == ZIP_CM_DEFLATE;
    if (!known_method || entry.encryption_method != ZIP_EM_NONE) {
        throw DataError(where + " is encrypted, or packed by another method than deflate; save it with "
                                "numpy.savez or numpy.savez_compressed");
    }
    return Member{entry.index, where, entry.size, entry.comp_size};
}

std::vector<std::string> ZipArchive::names(std::size_t most) const
{
    std::vector<std::string> all;
    const auto count = static_cast<zip_uint64_t>(zip_get_num_entries(archive_.get(), 0));
    for (zip_uint64_t i = 0; i < std::min<zip_uint64_t>(count, most); ++i) {
        const char* name = zip_get_name(archive_.get(), i, ZIP_FL_ENC_RAW);
        all.emplace_back(name == nullptr ? "" : name);
    }
    return all;
}

ZipArchive::Reader::Reader(const ZipArchive& archive, const Member& member)
    : where_(member.where), file_(zip_fopen_index(archive.archive_.get(), member.index, 0))
{
    if (file_ == nullptr) {
        throw DataError(where_ + " can't be read: " + zip_strerror(archive.archive_.get()));
    }
}

std::size_t ZipArchive::Reader::read_some(std::span<std::byte> into)
{
    const auto count = zip_fread(file_.get(), into.data(), into.size());
    if (count < 0) {
        throw DataError(where_ + " can't be read: " + zip_file_strerror(file_.get()));
    }
    return static_cast<std::size_t>(count);
}

void ZipArchive::Reader::read(std::span<std::byte> into)
{
    std::size_t got = 0;
    while (got < into.size()) {
        const std::size_t count = read_some(into.subspan(got));
        if (count == 0) {
            throw DataError(where_ + " ends early");
        }
        got += count;
    }
}

bool ZipArchive::Reader::at_end()
{
    std::byte beyond{};
    return read_some({&beyond, 1}) == 0;
}

} // namespace fa::jobs::data
