#pragma once
/// Names of tensors that count layers: "blocks.{l}.B", "B0 … B4".

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fa::models {

/// A name with the layer l left open: "blocks.{l}.B"; "{l-1}" and "{l+1}" where the names count differently
/// ("blocks.{l-1}.B": block 0 holds layer 1's matrix).
class LayerPattern {
  public:
    /// @throws CheckpointError if the text has not exactly one of them
    explicit LayerPattern(const std::string& text);

    /// The layer a name belongs to; nothing for names of another form, and below layer 0.
    std::optional<std::int64_t> layer_of(std::string_view name) const;
    /// The name of layer l.
    std::string name_of(std::int64_t layer) const;
    /// The first layer whose name's number is not negative.
    std::int64_t first_layer() const { return shift_ < 0 ? -shift_ : 0; }

    /// Whether a text has such a place at all.
    static bool is_one(std::string_view text) { return text.find("{l") != std::string_view::npos; }

  private:
    std::string prefix_;
    std::string suffix_;
    std::int64_t shift_ = 0; ///< a name's number is the layer plus this
};

/// Layers by name, of names that differ in one number only ("B0", "B1" …; "0", "1" …): the number is the
/// layer. Nothing where they are no such names.
std::optional<std::map<std::string, std::int64_t>> layers_of_names(std::span<const std::string> names);

} // namespace fa::models
