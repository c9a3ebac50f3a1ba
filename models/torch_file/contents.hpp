#pragma once
/// What is in a torch.save file and how a user names it: "model", "Bs", "checkpoint.model".

#include "models/torch_file/tensor.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace fa::models::torch_file {

struct NamedTensor {
    std::string name;
    StoredTensor tensor;
};

/// Tensors by name, and the scalars and texts beside them.
struct Contents {
    std::vector<NamedTensor> tensors;
    std::map<std::string, std::string> metadata;
};

/// The object that a path names: keys of dicts (longest first: keys may have dots) and numbers of list
/// elements, joined by dots. An empty path is the whole object.
/// @throws CheckpointError listing what is there where the path leads nowhere
pickle::Id object_at(const Container& file, const std::string& path);
/// The same; nothing where the path leads nowhere.
std::optional<pickle::Id> find_object(const Container& file, const std::string& path);

/// The network's tensors: those of the dict at `part`. Where that dict has none of its own, of the one dict
/// in it that does; of several the one that is called state_dict, model, model_state_dict, net, network,
/// weights or params. Metadata are the numbers, flags and short texts of the file's outermost dict and of the
/// chosen one. What is neither is passed over.
/// @throws CheckpointError listing the dicts to choose from where the choice is not clear, or saying why what
/// was chosen can't be read: a whole pickled module, a tensor that is not dense …
Contents network_contents(const Container& file, const std::string& part);

/// Whether it is a dict with NumPy arrays by name, and no tensors.
bool is_dict_of_arrays(const pickle::Objects& objects, pickle::Id id);

/// The tensors and NumPy arrays of the object at `part`, whatever it is: elements of a list by number ("0"
/// …), entries of a dict by key, a lone one with an empty name.
/// @throws CheckpointError where it holds none
Contents contents_at(const Container& file, const std::string& part);

/// Refuses what would take much more memory than the file: tensors that are counted from the same storages
/// again and again, storages that overlap in the file. Equal tensors count once.
/// @throws CheckpointError with both sizes
void check_memory(const Container& file, const std::vector<NamedTensor>& tensors, std::uint64_t file_bytes);

} // namespace fa::models::torch_file
