#include "models/checkpoint.hpp"
#include "models/safetensors_header.hpp"
#include "models/scalar_type.hpp"

#include <cstring>

namespace fa::models {

Checkpoint read_safetensors(std::span<const std::byte> bytes)
{
    auto header = parse_safetensors_header(bytes, bytes.size());
    Checkpoint checkpoint;
    checkpoint.metadata = std::move(header.metadata);
    const auto data = bytes.subspan(header.data_start);
    for (const auto& entry : header.entries) {
        // A copy: it outlives the bytes, and unaligned data (older writers) ends up aligned.
        auto tensor = at::empty(entry.shape, at::TensorOptions().dtype(scalar_type(entry.dtype)));
        if (entry.end > entry.begin)
            std::memcpy(tensor.data_ptr(), data.data() + entry.begin, entry.end - entry.begin);
        checkpoint.tensors.emplace(entry.name, std::move(tensor));
    }
    return checkpoint;
}

} // namespace fa::models
