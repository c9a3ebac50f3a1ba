#pragma once
/// Attributes of HDF5 objects, as h5py likes them: fixed-length UTF-8 strings, 64-bit integers, its own
/// booleans.

#include "store/hdf5.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fa::store {

/// Writes attributes of one object (a file's root, a group, a dataset). In a file that several ranks opened
/// every rank makes the same calls with the same values.
class AttributeWriter {
  public:
    AttributeWriter(hid_t object, std::string where) : object_(object), where_(std::move(where)) {}

    void text(const char* name, std::string_view value) const;
    void integer(const char* name, std::int64_t value) const;
    void seed(const char* name, std::uint64_t value) const;
    void number(const char* name, double value) const;
    void integers(const char* name, std::span<const std::int64_t> values) const;
    /// As h5py stores a bool: an enumeration FALSE, TRUE of int8.
    void flag(const char* name, bool value) const;
    void crc(std::uint32_t value) const;

  private:
    void write(const char* name, hid_t type, hid_t space, const void* value) const;
    hid_t object_;
    std::string where_;
};

/// Reads attributes of one object; whatever is missing or of another kind is a StoreError that names it.
class AttributeReader {
  public:
    AttributeReader(hid_t object, std::string where) : object_(object), where_(std::move(where)) {}

    bool has(const char* name) const;
    /// Fixed or variable length (h5py writes the latter).
    std::string text(const char* name) const;
    std::int64_t integer(const char* name) const;
    std::uint64_t seed(const char* name) const;
    double number(const char* name) const;
    std::vector<std::int64_t> integers(const char* name) const;
    bool flag(const char* name) const;
    std::uint32_t crc() const;

  private:
    Handle open(const char* name) const;
    template <typename T>
    std::vector<T> numbers(const char* name, hid_t memory_type) const;
    std::string what(const char* name) const;
    hid_t object_;
    std::string where_;
};

} // namespace fa::store
