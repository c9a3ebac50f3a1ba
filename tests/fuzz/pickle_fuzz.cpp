#include "models/checkpoint_error.hpp"
#include "models/pickle/reader.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    try {
        const auto pickle = fa::models::pickle::read(bytes);
        pickle.objects.described(pickle.root);
    } catch (const fa::models::CheckpointError&) { // what wrong files get
    }
    return 0;
}
