#include "models/checkpoint_error.hpp"
#include "models/shown.hpp"
#include "models/torch_file/container.hpp"

#include <zip.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace fa::models::torch_file {
namespace {

struct ArchiveCloser {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct EntryCloser {
    void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Archive = std::unique_ptr<zip_t, ArchiveCloser>;
using Entry = std::unique_ptr<zip_file_t, EntryCloser>;

Archive open_archive(std::span<const std::byte> bytes)
{
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
    zip_t* archive = source == nullptr ? nullptr : zip_open_from_source(source, ZIP_RDONLY, &error);
    const std::string reason = zip_error_strerror(&error);
    zip_error_fini(&error);
    if (archive == nullptr) {
        zip_source_free(source);
        throw CheckpointError("the zip can't be opened: " + reason + " (truncated?)");
    }
    return Archive(archive);
}

class ZipContainer final : public Container {
  public:
    explicit ZipContainer(std::span<const std::byte> bytes)
        : file_bytes_(bytes.size()), archive_(open_archive(bytes)), folder_(find_folder())
    {
        check_byte_order();
        const auto entry = require("data.pkl");
        pickled_.resize(entry.size);
        read(entry, pickled_);
        pickle_ = pickle::read(pickled_);
    }

    const pickle::Pickle& pickle() const override { return pickle_; }
    std::uint64_t storage_bytes(const std::string& key) const override { return require("data/" + key).size; }
    void read_storage(const std::string& key, std::span<std::byte> into) const override
    {
        read(require("data/" + key), into);
    }

  private:
    /// The folder of the one data.pkl, "archive/" or what the file was called when it was saved.
    std::string find_folder() const
    {
        std::vector<std::string> found;
        const auto entries = zip_get_num_entries(archive_.get(), 0);
        for (zip_int64_t i = 0; i < entries; ++i) {
            const char* raw = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), ZIP_FL_ENC_RAW);
            const std::string_view name = raw == nullptr ? "" : raw;
            const auto slash = name.find('/');
            if (slash != 0 && slash != std::string_view::npos && name.substr(slash) == "/data.pkl")
                found.emplace_back(name.substr(0, slash + 1));
        }
        if (found.size() != 1)
            throw CheckpointError("a zip with " + std::to_string(found.size()) +
                                  " entries NAME/data.pkl where one was expected (not a torch.save file?)");
        return found.front();
    }

    std::optional<zip_stat_t> find(const std::string& name) const
    {
        zip_stat_t entry;
        const bool is_c_string = name.find('\0') == std::string::npos;
        if (!is_c_string || zip_stat(archive_.get(), (folder_ + name).c_str(), ZIP_FL_ENC_RAW, &entry) != 0)
            return std::nullopt;
        constexpr zip_uint64_t needed = ZIP_STAT_INDEX | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_CRC |
                                        ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
        const auto what = "record " + shown(name);
        if ((entry.valid & needed) != needed)
            throw CheckpointError(what + " is not described whole by the zip");
        if (entry.comp_method != ZIP_CM_STORE || entry.encryption_method != ZIP_EM_NONE)
            throw CheckpointError(what +
                                  " is compressed or encrypted; torch.save stores its records as they are");
        if (entry.size != entry.comp_size || entry.size > file_bytes_)
            throw CheckpointError(what + " claims " + std::to_string(entry.size) + " bytes in a file of " +
                                  std::to_string(file_bytes_));
        return entry;
    }

    zip_stat_t require(const std::string& name) const
    {
        const auto entry = find(name);
        if (!entry) {
            if (name == "data.pkl")
                throw CheckpointError("the zip has no " + shown(folder_ + name));
            throw CheckpointError("record " + shown(name) + " is missing from the file");
        }
        return *entry;
    }

    void read(const zip_stat_t& entry, std::span<std::byte> into) const
    {
        const Entry opened(zip_fopen_index(archive_.get(), entry.index, 0));
        if (opened == nullptr)
            fail(entry, zip_strerror(archive_.get()));
        std::size_t got = 0;
        while (got < into.size()) {
            const auto count = zip_fread(opened.get(), into.data() + got, into.size() - got);
            if (count <= 0)
                fail(entry, count < 0 ? zip_file_strerror(opened.get()) : "it ends early");
            got += static_cast<std::size_t>(count);
        }
        // At the end libzip compares the checksum. One of 0 was not computed, as PyTorch can be told to
        // (torch.serialization.set_crc32_options(False)).
        char beyond = 0;
        if (entry.crc != 0 && zip_fread(opened.get(), &beyond, 1) != 0)
            fail(entry, zip_file_strerror(opened.get()));
    }

    [[noreturn]] static void fail(const zip_stat_t& entry, const char* reason)
    {
        throw CheckpointError("record " + shown(entry.name) + " can't be read: " + reason);
    }

    void check_byte_order() const
    {
        if (find("constants.pkl"))
            throw CheckpointError("a TorchScript archive, which is a program: model=torchscript runs it, or "
                                  "save the weights alone, torch.save(model.state_dict(), …)");
        const auto entry = find("byteorder");
        if (!entry)
            return; // before PyTorch 2.1: little-endian
        std::vector<std::byte> order(std::min<std::uint64_t>(entry->size, 16));
        if (entry->size == order.size())
            read(*entry, order);
        const std::string_view text(reinterpret_cast<const char*>(order.data()), order.size());
        if (text != "little")
            throw CheckpointError("its byte order is " + shown(text) +
                                  ", only 'little' is read: load and save it "
                                  "again on a little-endian machine");
    }

    std::uint64_t file_bytes_;
    Archive archive_;
    std::string folder_;
    std::vector<std::byte> pickled_; ///< what the pickle's text points into
    pickle::Pickle pickle_;
};

} // namespace

std::unique_ptr<Container> open_zip(std::span<const std::byte> bytes)
{
    return std::make_unique<ZipContainer>(bytes);
}

} // namespace fa::models::torch_file
