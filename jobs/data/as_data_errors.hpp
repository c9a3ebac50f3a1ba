#pragma once
#include "jobs/data_error.hpp"
#include "store/error.hpp"

#include <filesystem>

namespace fa::jobs::data {

/// Runs a step; HDF5's and the file system's errors become the data's.
/// @throws DataError
template <typename Step>
auto as_data_errors(Step step)
{
    try {
        return step();
    } catch (const store::StoreError& error) {
        throw DataError(error.what());
    } catch (const std::filesystem::filesystem_error& error) {
        throw DataError(error.path1().string() + ": " + error.code().message());
    }
}

} // namespace fa::jobs::data
