#pragma once
/// Names of tensors that count layers: "blocks.{l}.B", "B0 … B4".

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace fa::models {

/// A name with the layer l left open: "blocks.{l}.B"; "{l-1}", "{l+2}", "{2l}", "{3l+1}" where the names
/// count differently ("blocks.{l-1}.B": block 0 holds layer 1's matrix; "{2l}.B": the places in an
/// nn.Sequential).
class LayerPattern {
  public:
    /// @throws CheckpointError if the text has not exactly one such place
    explicit LayerPattern(const std::string& text);

    /// The layer a name belongs to, nothing for names of another form. Below 0 it is no hidden state's: that
    /// of the input, whose matrix codes that keep one beside every weight have too.
    std::optional<std::int64_t> layer_of(std::string_view name) const;
    /// The name of layer l.
    std::string name_of(std::int64_t layer) const;
    /// The first layer whose name's number is not negative.
    std::int64_t first_layer() const { return shift_ < 0 ? (step_ - 1 - shift_) / step_ : 0; }

    /// Whether a text seems to mean such a place: a brace, and an l behind it at once or behind digits.
    static bool is_one(std::string_view text);

  private:
    std::string prefix_;
    std::string suffix_;
    std::int64_t step_ = 1; ///< a name's number is step · layer + shift
    std::int64_t shift_ = 0;
};

/// Layers by name, of names that differ in one number only ("B0", "B1" …; "0", "1" …): the number is the
/// layer. Nothing where they are no such names.
std::optional<std::map<std::string, std::int64_t>> layers_of_names(std::span<const std::string> names);

} // namespace fa::models
