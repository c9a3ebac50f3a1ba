#include "models/torch_tensors.hpp"

#include "models/checkpoint_error.hpp"
#include "models/scalar_type.hpp"
#include "models/shown.hpp"
#include "models/torch_file/array.hpp"

#include <algorithm>
#include <utility>

namespace fa::models {
namespace {

using torch_file::StoredTensor;

/// Where elements lie: a storage's key, or a NumPy array's bytes.
using Source = std::pair<std::string, pickle::Id>;

/// The bytes of a source, at an address that suits every type.
/// @param expected  of an array
at::Tensor bytes_of(const torch_file::Container& file, const Source& source, std::uint64_t expected)
{
    const auto& [key, array] = source;
    if (array != pickle::Objects::none()) {
        const auto decoded = torch_file::array_bytes(file.pickle().objects, array, expected);
        auto bytes = at::empty({static_cast<std::int64_t>(decoded.size())}, at::kByte);
        std::copy(decoded.begin(), decoded.end(), static_cast<std::byte*>(bytes.mutable_data_ptr()));
        return bytes;
    }
    const auto size = file.storage_bytes(key);
    auto bytes = at::empty({static_cast<std::int64_t>(size)}, at::kByte);
    file.read_storage(key, {static_cast<std::byte*>(bytes.mutable_data_ptr()), size});
    return bytes;
}

at::Tensor copy_of(const StoredTensor& stored, const at::Tensor& storage)
{
    const at::TensorOptions options(scalar_type(stored.dtype));
    if (stored.bytes() == 0)
        return at::empty(stored.shape, options);
    auto* first = static_cast<std::byte*>(storage.mutable_data_ptr()) +
                  static_cast<std::size_t>(stored.first) * element_bytes(stored.dtype);
    return at::from_blob(first, stored.shape, stored.strides, options).clone(at::MemoryFormat::Contiguous);
}

} // namespace

std::map<std::string, at::Tensor> tensors_of(const torch_file::Container& file,
                                             const std::vector<torch_file::NamedTensor>& described)
{
    // One storage is in memory at a time, beside the tensors made of it.
    std::map<Source, std::map<StoredTensor, std::vector<std::string>>> by_source;
    for (const auto& [name, tensor] : described)
        by_source[{tensor.storage, tensor.array}][tensor].push_back(name);
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [source, views] : by_source) {
        const auto expected = views.begin()->first.bytes();
        const auto bytes = bytes_of(file, source, expected);
        for (const auto& [stored, names] : views) {
            if (stored.array != pickle::Objects::none() && stored.bytes() != expected)
                throw CheckpointError("tensor " + shown(names.front()) +
                                      ": a NumPy array has other bytes than its shape wants");
            const auto tensor = copy_of(stored, bytes);
            for (const auto& name : names)
                tensors.emplace(name, tensor);
        }
    }
    return tensors;
}

} // namespace fa::models
