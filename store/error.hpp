#pragma once
#include <stdexcept>

namespace fa::store {

/// The store can't be read or written; the message names the file, the dataset and what would be right.
struct StoreError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A file of another schema version than this program's.
struct SchemaError : StoreError {
    using StoreError::StoreError;
};

} // namespace fa::store
