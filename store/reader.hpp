#pragma once
#include "store/run_file.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fa::store {

/// A finished run file, open for reading.
class RunReader {
  public:
    /// Whatever is no dataset's numbers has been compared with its checksum then.
    /// @throws StoreError if it is no run file, a damaged one, or one of another schema version (the message
    /// names both)
    explicit RunReader(const std::filesystem::path& path);
    ~RunReader();
    RunReader(RunReader&&) noexcept;
    RunReader& operator=(RunReader&&) noexcept;

    const RunAttributes& attributes() const;
    bool has(std::string_view dataset) const;
    std::vector<std::uint64_t> shape(std::string_view dataset) const;

    /// A whole dataset; numbers are converted to T (double, float, int64, uint64, uint8).
    template <typename T>
    std::vector<T> read(std::string_view dataset) const;
    /// Rows [first, first + rows) of the first axis.
    template <typename T>
    std::vector<T> read_rows(std::string_view dataset, std::uint64_t first, std::uint64_t rows) const;

    /// Compares every dataset with its recorded crc32: with that every byte of the file is covered.
    /// @throws StoreError naming all datasets that differ
    void verify() const;
    /// The recorded crc32 of a dataset.
    std::uint32_t crc(std::string_view dataset) const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Is a run there, whole to the last byte, and of this digest?
/// @throws SchemaError for another schema version
bool is_finished(const std::filesystem::path& path, const std::string& digest);

/// @returns the file's digest, or nothing if there is no file
/// @throws StoreError for another schema version
std::optional<std::string> digest_of(const std::filesystem::path& path);

} // namespace fa::store
