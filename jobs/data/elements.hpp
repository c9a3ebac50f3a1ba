#pragma once
/// Numbers as files hold them.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace fa::jobs::data {

struct ElementType {
    enum class Kind { unsigned_integer, signed_integer, floating } kind;
    std::size_t bytes; ///< 1, 2, 4 or 8; floating: 2, 4 or 8
    bool big_endian = false;

    bool is_integer() const { return kind != Kind::floating; }
    /// uint8: what pixels are stored as.
    bool is_byte() const { return kind == Kind::unsigned_integer && bytes == 1; }
};

/// The next bytes of a file; throws if it ends before all of them.
using ReadBytes = std::function<void(std::span<std::byte>)>;

/// `count` numbers, read piece by piece, rounded to float32.
std::vector<float> read_floats(const ReadBytes& read, const ElementType& type, std::size_t count);
/// `count` integers; an unsigned one beyond int64 becomes the largest int64.
std::vector<std::int64_t> read_integers(const ReadBytes& read, const ElementType& type, std::size_t count);

} // namespace fa::jobs::data
