#pragma once
/// A place in bytes that no one vouches for: nothing is taken that is not there.

#include "models/checkpoint_error.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace fa::models::pickle {

class Cursor {
  public:
    explicit Cursor(std::span<const std::byte> bytes) : bytes_(bytes) {}

    std::size_t position() const { return position_; }
    std::size_t left() const { return bytes_.size() - position_; }

    /// The next `count` bytes.
    /// @throws CheckpointError if there are fewer
    std::string_view take(std::uint64_t count)
    {
        if (count > left())
            throw CheckpointError("at byte " + std::to_string(position_) + ": " + std::to_string(count) +
                                  " bytes are claimed, " + std::to_string(left()) + " are left (truncated?)");
        const std::string_view taken(reinterpret_cast<const char*>(bytes_.data()) + position_, count);
        position_ += taken.size();
        return taken;
    }

    /// A little-endian number.
    template <typename Number>
    Number number()
    {
        static_assert(std::endian::native == std::endian::little);
        Number value;
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }

    /// Up to the next newline, which is passed over.
    std::string_view line(std::size_t longest)
    {
        const std::string_view rest(reinterpret_cast<const char*>(bytes_.data()) + position_,
                                    std::min(left(), longest + 1));
        const auto end = rest.find('\n');
        if (end == std::string_view::npos)
            throw CheckpointError("at byte " + std::to_string(position_) + ": a line of at most " +
                                  std::to_string(longest) + " bytes was expected");
        position_ += end + 1;
        return rest.substr(0, end);
    }

  private:
    std::span<const std::byte> bytes_;
    std::size_t position_ = 0;
};

} // namespace fa::models::pickle
