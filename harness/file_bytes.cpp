#include "harness/file_bytes.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

namespace fa::harness {

std::vector<std::byte> read_bytes(const std::filesystem::path& file)
{
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        throw std::runtime_error(file.string() + ": " + std::strerror(errno));
    if (!std::filesystem::is_regular_file(file))
        throw std::runtime_error(file.string() + ": is not a regular file");
    std::vector<std::byte> bytes(std::filesystem::file_size(file));
    if (!stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
        throw std::runtime_error(file.string() + ": only " + std::to_string(stream.gcount()) + " of " +
                                 std::to_string(bytes.size()) + " bytes could be read");
    return bytes;
}

} // namespace fa::harness
