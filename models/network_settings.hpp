#pragma once
/// What the shapes of a network's tensors don't say: activation, heads, eps. The manifest's keys say it, else
/// the checkpoint's metadata.

#include "models/checkpoint.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fa::models {

class NetworkSettings {
  public:
    /// @param keys      the manifest's, e.g. {"activation", "tanh"}; they count more than the metadata
    /// @param metadata  the checkpoint's
    /// Both must outlive this object.
    NetworkSettings(const std::map<std::string, std::string>& keys,
                    const std::map<std::string, std::string>& metadata)
        : keys_(keys), metadata_(metadata)
    {
    }

    /// @throws CheckpointError if the manifest gives a key that means nothing to this network
    void expect_only(const std::string& network, std::span<const std::string_view> known) const;

    std::optional<std::string> text(const std::string& key) const;
    /// All of these throw CheckpointError, saying where a value that can't be used comes from and what would
    /// be right.
    std::optional<std::string> choice(const std::string& key, std::span<const std::string_view> words) const;
    std::optional<std::int64_t> count(const std::string& key) const; ///< a whole number above 0
    double positive(const std::string& key, double otherwise) const;
    [[noreturn]] void refuse(const std::string& key, const std::string& expected) const;

  private:
    const std::map<std::string, std::string>& keys_;
    const std::map<std::string, std::string>& metadata_;
};

/// "a, b or c"
std::string listed(std::span<const std::string_view> words);

} // namespace fa::models
