#include "models/mlp_chain.hpp"

#include "models/checkpoint.hpp"
#include "models/shown.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <compare>
#include <span>
#include <string_view>

namespace fa::models {
namespace {

enum class Place { first, between, last };

/// A layer as its name tells where it stands.
struct Layer {
    std::string name;
    Place place;
    std::vector<std::string> words; ///< the name cut where digits begin and end
};

bool is_digit(char c)
{
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

std::vector<std::string> words_of(const std::string& name)
{
    std::vector<std::string> words;
    for (const char c : name) {
        if (words.empty() || is_digit(words.back().back()) != is_digit(c))
            words.emplace_back();
        words.back() += c;
    }
    return words;
}

/// The name without its numbers: what layers have in common that numbers put in order.
std::string stem_of(const Layer& layer)
{
    std::string stem;
    for (const auto& word : layer.words)
        if (!is_digit(word.front()))
            stem += word;
    return stem;
}

bool is_among(std::span<const std::string_view> words, std::string_view word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

Place place_of(const std::string& name)
{
    constexpr std::array<std::string_view, 6> first = {"embed",       "embedding", "input",
                                                       "input_layer", "fc_in",     "first"};
    constexpr std::array<std::string_view, 12> last = {"head",         "out_head",   "out",     "output",
                                                       "output_layer", "fc_out",     "logits",  "classifier",
                                                       "last",         "last_layer", "readout", "final"};
    for (std::string_view rest = name; !rest.empty();) {
        const auto word = rest.substr(0, rest.find('.'));
        if (is_among(first, word) || is_among(last, word))
            return is_among(first, word) ? Place::first : Place::last;
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
    }
    return Place::between;
}

/// Digits by their value, the rest by its letters.
std::weak_ordering compare_words(const std::string& a, const std::string& b)
{
    if (!is_digit(a.front()) || !is_digit(b.front()))
        return a <=> b;
    const auto value =
        [](const std::string& digits) { // without leading zeros; may be longer than any integer
            return digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1));
        };
    const auto x = value(a);
    const auto y = value(b);
    return x.size() != y.size() ? x.size() <=> y.size() : x <=> y;
}

bool comes_before(const Layer& a, const Layer& b)
{
    if (a.place != b.place)
        return a.place < b.place;
    const auto order = std::lexicographical_compare_three_way(a.words.begin(), a.words.end(), b.words.begin(),
                                                              b.words.end(), compare_words);
    return order != 0 ? order < 0 : a.name < b.name;
}

std::vector<Layer> linear_layers(const Fitting& fitting)
{
    constexpr std::string_view ending = ".weight";
    std::vector<Layer> layers;
    for (const auto& name : fitting.names()) {
        if (!name.ends_with(ending) || fitting.peek({name}).dim() != 2)
            continue;
        const auto layer = name.substr(0, name.size() - ending.size());
        if (!layer.empty())
            layers.push_back({layer, place_of(layer), words_of(layer)});
    }
    std::sort(layers.begin(), layers.end(), comes_before);
    return layers;
}

void check_order_is_told(const std::vector<Layer>& layers)
{
    for (std::size_t i = 1; i < layers.size(); ++i) {
        const auto& before = layers[i - 1];
        const auto& layer = layers[i];
        if (before.place == layer.place && stem_of(before) != stem_of(layer))
            throw CheckpointError(
                "not a plain MLP whose order can be told: nothing says which of the layers " +
                shown(before.name) + " and " + shown(layer.name) +
                " comes first; names that differ in a number alone (layers.0, layers.1, "
                "…), input and output would");
    }
}

void check_shapes(const Fitting& fitting, const std::vector<Layer>& layers)
{
    for (std::size_t i = 1; i < layers.size(); ++i) {
        const auto given = fitting.peek({layers[i - 1].name + ".weight"}).size(0);
        const auto taken = fitting.peek({layers[i].name + ".weight"}).size(1);
        if (given != taken)
            throw CheckpointError("not a plain MLP: layer " + shown(layers[i - 1].name) + " gives " +
                                  std::to_string(given) + " numbers, but layer " + shown(layers[i].name) +
                                  " behind it takes " + std::to_string(taken));
    }
}

} // namespace

std::vector<std::string> mlp_chain(const Fitting& fitting)
{
    const auto layers = linear_layers(fitting);
    if (layers.size() < 2)
        throw CheckpointError("not a plain MLP: it has " + std::to_string(layers.size()) +
                              " linear layers (tensors <name>.weight with two axes); a hidden one and a head "
                              "are needed");
    check_order_is_told(layers);
    check_shapes(fitting, layers);
    std::vector<std::string> names;
    for (const auto& layer : layers)
        names.push_back(layer.name);
    return names;
}

} // namespace fa::models
