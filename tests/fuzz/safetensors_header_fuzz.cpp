#include "models/safetensors_header.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    try {
        fa::models::parse_safetensors_header(bytes, bytes.size());
    } catch (const fa::models::CheckpointError&) { // what wrong files get
    }
    return 0;
}
