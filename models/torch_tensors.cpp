#include "models/torch_tensors.hpp"

#include "models/scalar_type.hpp"

namespace fa::models {
namespace {

using torch_file::StoredTensor;

/// A storage's bytes, at an address that suits every type.
at::Tensor storage_of(const torch_file::Container& file, const std::string& key)
{
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
    std::map<std::string, std::map<StoredTensor, std::vector<std::string>>> by_storage;
    for (const auto& [name, tensor] : described)
        by_storage[tensor.storage][tensor].push_back(name);
    std::map<std::string, at::Tensor> tensors;
    for (const auto& [key, views] : by_storage) {
        const auto storage = storage_of(file, key);
        for (const auto& [stored, names] : views) {
            const auto tensor = copy_of(stored, storage);
            for (const auto& name : names)
                tensors.emplace(name, tensor);
        }
    }
    return tensors;
}

} // namespace fa::models
