#include "models/checkpoint.hpp"
#include "models/scalar_type.hpp"
#include "models/shown.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace fa::models {
namespace {

using nlohmann::json;

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& doing)
{
    throw std::runtime_error(path.string() + ": " + doing + ": " + std::strerror(errno));
}

/// A file that exists under its own name only once it is complete; without commit() nothing is left of it.
class PendingFile {
  public:
    explicit PendingFile(std::filesystem::path path) : path_(std::move(path))
    {
        char host[256] = "";
        gethostname(host, sizeof host - 1);
        // Unique among processes and hosts; a killed process's leftover of the same pid is stepped over.
        for (int attempt = 0; descriptor_ < 0; ++attempt) {
            temporary_ = path_;
            for (const auto& part : {std::string(host), std::to_string(getpid()), std::to_string(attempt)})
                temporary_.concat(".").concat(part);
            temporary_.concat(".tmp");
            descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
            if (descriptor_ < 0 && errno != EEXIST)
                fail(path_, "can't be created");
        }
    }
    ~PendingFile()
    {
        if (descriptor_ >= 0)
            close(descriptor_);
        if (!committed_)
            unlink(temporary_.c_str());
    }
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    void write(const void* data, std::size_t bytes)
    {
        for (auto rest = static_cast<const char*>(data); bytes > 0;) {
            const auto written = ::write(descriptor_, rest, bytes);
            if (written < 0 && errno == EINTR)
                continue;
            if (written < 0)
                fail(path_, "can't be written");
            rest += written;
            bytes -= static_cast<std::size_t>(written);
        }
    }

    void commit()
    {
        if (fsync(descriptor_) != 0)
            fail(path_, "can't be written to disk");
        const int closed = close(std::exchange(descriptor_, -1));
        if (closed != 0)
            fail(path_, "can't be closed");
        if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
            fail(path_, "can't be renamed from " + temporary_.string());
        committed_ = true;
        const auto folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
        const int folder_descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder_descriptor >= 0) {
            fsync(folder_descriptor);
            close(folder_descriptor);
        }
    }

  private:
    std::filesystem::path path_;
    std::filesystem::path temporary_;
    int descriptor_ = -1;
    bool committed_ = false;
};

struct Piece {
    std::string name;
    at::Tensor tensor; ///< contiguous, on the CPU
};

/// Wide elements first, then by name, as the format's own library does: every tensor is aligned to its
/// element.
std::vector<Piece> in_file_order(const Checkpoint& checkpoint)
{
    std::vector<Piece> pieces;
    for (const auto& [name, tensor] : checkpoint.tensors)
        pieces.push_back({name, tensor.detach().to(at::kCPU).contiguous()});
    std::ranges::stable_sort(pieces, std::greater{}, [](const Piece& p) { return p.tensor.element_size(); });
    return pieces;
}

std::string header_text(const std::filesystem::path& path, const std::vector<Piece>& pieces,
                        const std::map<std::string, std::string>& metadata)
{
    json header = json::object();
    if (!metadata.empty())
        header["__metadata__"] = metadata;
    std::uint64_t offset = 0;
    for (const auto& [name, tensor] : pieces) {
        const auto known = dtype_of(tensor.scalar_type());
        const auto dtype = known ? safetensors_name(*known) : std::string_view();
        if (dtype.empty())
            throw std::runtime_error(path.string() + ": tensor " + shown(name) + " has type " +
                                     c10::toString(tensor.scalar_type()) + "; safetensors holds " +
                                     known_safetensors_names());
        if (name == "__metadata__")
            throw std::runtime_error(path.string() + ": a tensor can't be named __metadata__");
        const auto end = offset + tensor.nbytes();
        header[name] = {{"dtype", dtype}, {"shape", tensor.sizes().vec()}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text;
    try {
        text = header.dump();
    } catch (const json::exception& problem) {
        throw std::runtime_error(path.string() + ": a name or its metadata is not UTF-8: " + problem.what());
    }
    text.append((8 - text.size() % 8) % 8, ' '); // the data starts at a multiple of 8
    return text;
}

} // namespace

void write_safetensors(const std::filesystem::path& path, const Checkpoint& checkpoint)
{
    const auto pieces = in_file_order(checkpoint);
    const auto header = header_text(path, pieces, checkpoint.metadata);
    const std::uint64_t length = header.size();
    PendingFile file(path);
    file.write(&length, sizeof length);
    file.write(header.data(), header.size());
    for (const auto& piece : pieces)
        file.write(piece.tensor.const_data_ptr(), piece.tensor.nbytes());
    file.commit();
}

} // namespace fa::models
