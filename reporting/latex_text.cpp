#include "reporting/latex_text.hpp"

#include "aggregation/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <utility>

namespace fa::reporting {
namespace {

const std::map<std::string_view, std::string_view> escapes{
    {"\\", "\\textbackslash{}"},
    {"{", "\\{"},
    {"}", "\\}"},
    {"$", "\\$"},
    {"&", "\\&"},
    {"#", "\\#"},
    {"%", "\\%"},
    {"_", "\\_"},
    {"^", "\\textasciicircum{}"},
    {"~", "\\textasciitilde{}"},
    {"|", "$|$"}, // what follows would be other characters in the font's own encoding
    {"<", "$<$"},
    {">", "$>$"},
    {"\"", "\\char34{}"},
    {"`", "\\textasciigrave{}"},
    {"\n", " "},
    {"\u00A0", "~"},
    {"\u2010", "-"},
    {"\u2011", "-"},
    {"–", "--"},
    {"—", "---"},
    {"‘", "`"},
    {"’", "'"},
    {"“", "``"},
    {"”", "''"},
    {"…", "\\ldots{}"},
    {"¿", "?`"},
    {"¡", "!`"},
    {"†", "\\dag{}"},
    {"§", "\\S{}"},
    {"©", "\\copyright{}"},
    {"£", "\\pounds{}"}};

/// Characters that are mathematics.
const std::map<std::string_view, std::string_view> symbols{
    {"α", "\\alpha"},  {"β", "\\beta"},    {"γ", "\\gamma"},  {"δ", "\\delta"},    {"ε", "\\varepsilon"},
    {"ζ", "\\zeta"},   {"η", "\\eta"},     {"θ", "\\theta"},  {"ι", "\\iota"},     {"κ", "\\kappa"},
    {"λ", "\\lambda"}, {"μ", "\\mu"},      {"µ", "\\mu"},     {"ν", "\\nu"},       {"ξ", "\\xi"},
    {"ο", "o"},        {"π", "\\pi"},      {"ρ", "\\rho"},    {"ς", "\\varsigma"}, {"σ", "\\sigma"},
    {"τ", "\\tau"},    {"υ", "\\upsilon"}, {"φ", "\\varphi"}, {"χ", "\\chi"},      {"ψ", "\\psi"},
    {"ω", "\\omega"},  {"Γ", "\\Gamma"},   {"Δ", "\\Delta"},  {"Θ", "\\Theta"},    {"Λ", "\\Lambda"},
    {"Ξ", "\\Xi"},     {"Π", "\\Pi"},      {"Σ", "\\Sigma"},  {"Φ", "\\Phi"},      {"Ψ", "\\Psi"},
    {"Ω", "\\Omega"},  {"±", "\\pm"},      {"‖", "\\|"},      {"×", "\\times"},    {"·", "\\cdot"},
    {"÷", "\\div"},    {"−", "-"},         {"≤", "\\le"},     {"≥", "\\ge"},       {"≠", "\\ne"},
    {"≈", "\\approx"}, {"→", "\\to"},      {"←", "\\gets"},   {"∂", "\\partial"},  {"ℓ", "\\ell"},
    {"√", "\\surd"},   {"∞", "\\infty"},   {"⌊", "\\lfloor"}, {"⌋", "\\rfloor"},   {"⌈", "\\lceil"},
    {"⌉", "\\rceil"},  {"∈", "\\in"},      {"∑", "\\sum"},    {"∇", "\\nabla"},    {"°", "^\\circ"},
    {"²", "^2"},       {"³", "^3"},        {"¹", "^1"},       {"½", "\\frac12"},   {"¬", "\\neg"},
    {"₀", "_0"},       {"₁", "_1"},        {"₂", "_2"},       {"⟨", "\\langle"},   {"⟩", "\\rangle"}};

/// Accented letters that LaTeX sets in its default encoding, OT1.
constexpr std::string_view letters = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿĀāĂăĆćĈĉĊċČčĎ"
                                     "ďĒēĔĕĖėĚěĜĝĞğĠġĤĥĨĩĪīĬĭİıĴĵĹĺĽľŁłŃń"
                                     "ŇňŌōŎŏŐőŒœŔŕŘřŚśŜŝŞşŠšŤťŨũŪūŬŭŮůŰűŴŵŶŷŸŹźŻżŽž";

/// Phrases of our sentences. The longer ones stand first.
constexpr std::array<std::pair<std::string_view, std::string_view>, 12> phrases{
    {{"‖∂ℓ/∂h_L‖/128", "$\\|\\partial\\ell/\\partial h_L\\|/128$"},
     {"∂ℓ/∂h_l", "$\\partial\\ell/\\partial h_l$"},
     {"‖h_l‖", "$\\|h_l\\|$"},
     {"‖g_L‖", "$\\|g_L\\|$"},
     {"h_l", "$h_l$"},
     {"⌊L/2⌋", "$\\lfloor L/2\\rfloor$"},
     {"1/√columns", "$1/\\sqrt{\\mathrm{columns}}$"},
     {"Γ_train", "$\\Gamma_{\\mathrm{train}}$"},
     {"Γ_fresh", "$\\Gamma_{\\mathrm{fresh}}$"},
     {"Γ_l", "$\\Gamma_l$"},
     {"‖h‖", "$\\|h\\|$"},
     {"‖g‖", "$\\|g\\|$"}}};

/// The bytes of the character that valid UTF-8 begins with.
std::string_view first_character(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text.front());
    return text.substr(0, lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4);
}

std::uint32_t code_point(std::string_view character)
{
    const auto lead = static_cast<unsigned char>(character.front());
    if (character.size() == 1) {
        return lead;
    }
    std::uint32_t code = lead & (0x7FU >> character.size());
    for (const char byte : character.substr(1)) {
        code = (code << 6U) | (static_cast<unsigned char>(byte) & 0x3FU);
    }
    return code;
}

std::string latex_of(std::string_view character)
{
    if (const auto found = escapes.find(character); found != escapes.end()) {
        return std::string(found->second);
    }
    if (const auto found = symbols.find(character); found != symbols.end()) {
        return fmt::format("${}$", found->second);
    }
    if (character.size() == 1 || letters.find(character) != std::string_view::npos) {
        return std::string(character);
    }
    return fmt::format("[U+{:04X}]", code_point(character));
}

/// Appends characters; what LaTeX would join, "--" and ",,", stays apart.
class Text {
  public:
    void add(std::string_view character)
    {
        const bool joins = character == last_ && (character == "-" || character == ",");
        text_ += (joins ? "{}" : "") + latex_of(character);
        last_ = character;
    }
    void allow_break() { text_ += "\\allowbreak{}"; }
    std::string text() const { return text_; }

  private:
    std::string text_;
    std::string_view last_;
};

/// @param longest  letters that stay together
std::string broken(std::string_view valid, std::size_t longest)
{
    constexpr std::string_view breaks_behind = "-_.,:;=/+@";
    Text text;
    std::size_t unbroken = 0;
    bool is_long = false; // the word that is being written
    for (auto rest = valid; !rest.empty();) {
        const auto character = first_character(rest);
        if (unbroken == 0 && !is_long) {
            is_long = aggregation::display_width(rest.substr(0, rest.find(' '))) > longest;
        }
        text.add(character);
        rest.remove_prefix(character.size());
        const bool punctuation = breaks_behind.find(character) != std::string_view::npos;
        ++unbroken;
        if (character == " ") {
            unbroken = 0;
            is_long = false;
        } else if (is_long && !rest.empty() && (punctuation || unbroken == longest)) {
            text.allow_break();
            unbroken = 0;
        }
    }
    return text.text();
}

} // namespace

std::string latex(std::string_view text)
{
    const auto valid = aggregation::printable(text);
    Text result;
    for (std::string_view rest = valid; !rest.empty();) {
        const auto character = first_character(rest);
        result.add(character);
        rest.remove_prefix(character.size());
    }
    return result.text();
}

std::string breakable_latex(std::string_view text)
{
    constexpr std::size_t longest = 12;
    return broken(aggregation::printable(text), longest);
}

std::string latex_prose(std::string_view text)
{
    constexpr std::size_t longest = 20;
    const auto written = [](const std::string& plain) {
        return broken(aggregation::printable(plain), longest);
    };
    std::string result;
    std::string plain;
    for (auto rest = text; !rest.empty();) {
        const auto* known = std::find_if(phrases.begin(), phrases.end(),
                                         [&](const auto& phrase) { return rest.starts_with(phrase.first); });
        if (known != phrases.end()) {
            result.append(written(plain)).append(known->second);
            plain.clear();
            rest.remove_prefix(known->first.size());
        } else {
            plain += rest.front();
            rest.remove_prefix(1);
        }
    }
    return result + written(plain);
}

} // namespace fa::reporting
