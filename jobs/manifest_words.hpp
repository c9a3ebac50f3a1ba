#pragma once
/// A line of a manifest cut into its key=value words (design 5).

#include <string>
#include <string_view>
#include <vector>

namespace fa::jobs {

struct Word {
    std::string key;        ///< what stands before the first unquoted '='
    std::string value;      ///< quotes removed
    bool has_value = false; ///< false: there is no '='; `key` is the whole word
};

struct Words {
    std::vector<Word> words;
    std::vector<std::string> errors; ///< what can't be read in the line; then `words` holds what could
};

/// Words are separated by blanks; '…' and "…" keep blanks (and the other quote) anywhere in a word; a `#`
/// where a word could start begins a comment, so `note=run#3` keeps its `#`.
Words split_line(std::string_view line);

/// Is every byte part of valid UTF-8 and no control character except the tab? Names and notes go into HDF5,
/// JSON and terminals.
/// @returns an empty string, or what is wrong and in which column (from 1, in bytes)
std::string text_error(std::string_view line);

/// `text` as it can stand in a message: cut to a readable length, control characters shown as '?'.
std::string shown(std::string_view text);
/// The same between single quotes.
std::string in_quotes(std::string_view text);

} // namespace fa::jobs
