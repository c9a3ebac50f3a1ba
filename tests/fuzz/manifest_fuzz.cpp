#include "jobs/manifest.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    try {
        fa::jobs::parse_manifest(text, "/zoo", "runs.txt", fa::jobs::Paths::unchecked);
    } catch (const fa::jobs::ManifestError&) { // what wrong files get
    }
    return 0;
}
