#pragma once
/// Which format a data set has, and which files hold a split of it.

#include <filesystem>
#include <string>
#include <vector>

namespace fa::jobs::data {

enum class Format { hdf5, npz, idx, cifar10 };

struct SplitFiles {
    Format format;
    std::vector<std::filesystem::path> files; ///< all that is read, in this order; IDX: images, then labels
};

/// What `data` names: a file, which its bytes recognise, or the folder of MNIST's or CIFAR-10's files. A file
/// holds both splits (HDF5, .npz), or is the test split, and the training's lies beside it (IDX, CIFAR-10).
/// @param split  "train" or "test"
/// @throws DataError if it is neither, or the split's files are not there
SplitFiles find_split(const std::filesystem::path& data, const std::string& split);

/// "t10k-labels-idx1-ubyte" beside "t10k-images-idx3-ubyte", either gzipped or not.
/// @throws DataError if there is none
std::filesystem::path idx_labels_beside(const std::filesystem::path& images);

} // namespace fa::jobs::data
