#include "tests/models/read_whole.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto bytes = std::as_bytes(std::span(data, size));
    fa::testing::torch_file_outcome(bytes);
    fa::testing::torch_file_outcome(bytes, "model");
    return 0;
}
