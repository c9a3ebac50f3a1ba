#include "jobs/data/stream.hpp"

#include "jobs/data_error.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <string>

namespace fa::jobs::data {

void Stream::Closer::operator()(gzFile_s* file) const
{
    gzclose_r(file);
}

Stream::Stream(const std::filesystem::path& file) : path_(file)
{
    errno = 0;
    file_.reset(gzopen(file.c_str(), "rb"));
    if (file_ == nullptr) {
        throw DataError(file.string() + ": " + std::strerror(errno == 0 ? ENOMEM : errno));
    }
    constexpr unsigned buffer_bytes = 1u << 18;
    gzbuffer(file_.get(), buffer_bytes);
}

std::size_t Stream::read_some(std::span<std::byte> into)
{
    constexpr std::size_t most = std::numeric_limits<int>::max();
    const int count = gzread(file_.get(), into.data(), static_cast<unsigned>(std::min(into.size(), most)));
    int code = Z_OK;
    const char* reason = gzerror(file_.get(), &code);
    if (count < 0 || (count == 0 && code != Z_OK && code != Z_STREAM_END)) {
        throw DataError(path_.string() +
                        ": can't be read: " + (code == Z_ERRNO ? std::strerror(errno) : reason));
    }
    return static_cast<std::size_t>(count);
}

void Stream::read(std::span<std::byte> into)
{
    std::size_t got = 0;
    while (got < into.size()) {
        const std::size_t count = read_some(into.subspan(got));
        if (count == 0) {
            throw DataError(path_.string() + ": ends early (truncated?)");
        }
        got += count;
    }
}

bool Stream::at_end()
{
    std::byte beyond{};
    return read_some({&beyond, 1}) == 0;
}

bool Stream::is_packed() const
{
    return gzdirect(file_.get()) == 0;
}

} // namespace fa::jobs::data
