#include "jobs/manifest.hpp"

#include "jobs/manifest_keys.hpp"
#include "jobs/manifest_words.hpp"
#include "jobs/nearest.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace fa::jobs {

namespace {

std::string joined(const std::vector<std::string>& lines)
{
    std::string text;
    for (const std::string& line : lines) {
        text += (text.empty() ? "" : "\n") + line;
    }
    return text;
}

/// A run without name= is called after its checkpoint, up to the extension or a ':' (which may begin a part
/// of the file or belong to the path: the name must not depend on what exists).
std::string default_name(const std::filesystem::path& checkpoint)
{
    const auto file = checkpoint.filename().string();
    return std::filesystem::path(file.substr(0, file.find(':'))).stem().string();
}

/// A rule without matrices has no use for what a default line says of them.
void forget_feedback(RunSpec& run)
{
    const RunSpec plain;
    run.feedback = NoFeedback{};
    run.feedback_sign = plain.feedback_sign;
    run.feedback_shared = plain.feedback_shared;
    run.feedback_distribution = plain.feedback_distribution;
}

/// A run, or the defaults, while lines are read.
struct Draft {
    RunSpec run;
    std::map<std::string, int> set_at; ///< the line where each key got its value
    bool flawed = false; ///< a line that set something had an error: no complaint about what is missing then
};

class Reader {
  public:
    Reader(std::filesystem::path folder, std::string shown_name, Paths paths)
        : place_{std::move(folder), paths}, shown_name_(std::move(shown_name))
    {
    }

    std::vector<RunSpec> read(std::string_view text);

  private:
    /// @returns false where reading further makes no sense
    bool read_line(int number, std::string_view line);
    void set(Draft& draft, const Word& word, int number);
    void finish(Draft draft, int number);
    void check_whole(const Draft& draft);
    void check_names();
    void check_baselines();
    void complain(int line, const std::string& message)
    {
        if (!has_enough_errors()) {
            errors_.emplace_back(line, message);
        }
    }
    /// Nobody reads more of them, and a file of megabytes that is no manifest has millions.
    bool has_enough_errors() const { return errors_.size() >= most_errors; }

    static constexpr std::size_t most_errors = 100;

    Place place_;
    std::string shown_name_;
    Draft defaults_;
    std::vector<Draft> drafts_;
    std::vector<std::pair<int, std::string>> errors_;
};

std::vector<RunSpec> Reader::read(std::string_view text)
{
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.starts_with(byte_order_mark)) {
        text.remove_prefix(byte_order_mark.size());
    }
    bool readable = true;
    for (int number = 1; readable && !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) {
            line.remove_suffix(1);
        }
        readable = read_line(number, line) && !has_enough_errors();
    }
    check_names();
    if (readable) {
        check_baselines();
    }
    if (errors_.empty() && drafts_.empty()) {
        complain(0, "the manifest names no run; a line like 'checkpoint=a.safetensors data=d.h5' is one");
    }
    if (!errors_.empty()) {
        std::stable_sort(errors_.begin(), errors_.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        std::vector<std::string> messages;
        for (const auto& [line, message] : errors_) {
            std::string where = shown_name_;
            if (line > 0) {
                where += ':' + std::to_string(line);
            }
            messages.push_back(where + ": " + message);
        }
        if (has_enough_errors()) {
            messages.push_back(shown_name_ + ": more errors are not listed");
        }
        throw ManifestError(std::move(messages));
    }
    std::vector<RunSpec> runs;
    for (Draft& draft : drafts_) {
        runs.push_back(std::move(draft.run));
    }
    return runs;
}

bool Reader::read_line(int number, std::string_view line)
{
    if (const std::string error = text_error(line); !error.empty()) {
        complain(number, error);
        defaults_.flawed = true; // it may have been a default line
        // A zero byte means that this is no text at all: its other lines would only be noise.
        return line.find('\0') == std::string_view::npos;
    }
    const Words split = split_line(line);
    if (split.words.empty() && split.errors.empty()) {
        return true;
    }
    const bool is_default =
        !split.words.empty() && !split.words[0].has_value && split.words[0].key == "default";
    Draft draft = defaults_;
    draft.flawed = draft.flawed || !split.errors.empty();
    for (const std::string& error : split.errors) {
        complain(number, error);
    }
    std::set<std::string> seen;
    for (std::size_t i = is_default ? 1 : 0; i < split.words.size() && !has_enough_errors(); ++i) {
        const Word& word = split.words[i];
        if (word.has_value && !seen.insert(word.key).second) {
            complain(number, "key " + in_quotes(word.key) + " is given twice");
            draft.flawed = true;
        } else if (is_default && word.has_value && word.key == "name") {
            complain(number, "name=" + shown(word.value) +
                                 ": every run has a name of its own, so it can't be a default");
        } else {
            set(draft, word, number);
        }
    }
    if (is_default) {
        defaults_ = std::move(draft);
    } else {
        finish(std::move(draft), number);
    }
    return true;
}

void Reader::set(Draft& draft, const Word& word, int number)
{
    try {
        if (!word.has_value && word.key == "default") {
            throw std::invalid_argument("'default' must be the first word of its line");
        }
        if (!word.has_value) {
            throw std::invalid_argument(in_quotes(word.key) +
                                        " is no key=value word (quote values that contain spaces)");
        }
        if (word.key.empty()) {
            throw std::invalid_argument(in_quotes("=" + word.value) + " has no key before the '='");
        }
        // Set before it is applied: a value that can't be used is wrong, not missing.
        draft.set_at[word.key] = number;
        apply(draft.run, word.key, word.value, place_);
    } catch (const std::invalid_argument& error) {
        complain(number, error.what());
        draft.flawed = true;
    }
}

void Reader::finish(Draft draft, int number)
{
    draft.run.line = number;
    const auto has = [&](const char* key) { return draft.set_at.contains(key); };
    if (!draft.flawed && !has("checkpoint")) {
        complain(number, "the run has no checkpoint (checkpoint=FILE)");
    }
    if (!draft.flawed && !has("data") && !draft.run.is_tensors()) {
        complain(number, "the run has no data (data=FILE here, or on a 'default' line above)");
    }
    if (!has("name") && !draft.run.checkpoint.empty()) {
        try {
            apply(draft.run, "name", default_name(draft.run.checkpoint), place_);
        } catch (const std::invalid_argument& error) {
            complain(number, std::string(error.what()) + " (the checkpoint's; give the run another name=)");
        }
    }
    check_whole(draft);
    if (!has_feedback(draft.run.credit)) {
        draft.run.draws = 0; // nothing to draw for
    }
    if (!has_feedback(draft.run.credit) && draft.run.credit != Credit::none) {
        forget_feedback(draft.run);
    }
    drafts_.push_back(std::move(draft));
}

/// What no key can tell alone.
void Reader::check_whole(const Draft& draft)
{
    const RunSpec& run = draft.run;
    constexpr std::int64_t most_samples = std::numeric_limits<std::int32_t>::max();
    if (run.batches > most_samples / run.batch_size) {
        complain(run.line, "batches=" + std::to_string(run.batches) +
                               " of batch_size=" + std::to_string(run.batch_size) + " are more than " +
                               std::to_string(most_samples) + " samples");
    }
    const bool permute = run.feedback_distribution == Distribution::permute;
    if (permute && has_feedback(run.credit) && std::holds_alternative<NoFeedback>(run.feedback)) {
        complain(run.line,
                 "feedback_distribution=permute shuffles the training matrices, but feedback=none says that "
                 "they are unknown");
    }
}

void Reader::check_names()
{
    std::map<std::string, int> first;
    for (const Draft& draft : drafts_) {
        const std::string& name = draft.run.name;
        const auto [place, fresh] = first.emplace(name, draft.run.line);
        if (!fresh && !name.empty()) {
            const bool named = draft.set_at.contains("name");
            complain(draft.run.line,
                     "duplicate name " + in_quotes(name) + " (first in line " +
                         std::to_string(place->second) + ")" +
                         (named ? "" : "; without name= a run is called after its checkpoint"));
        }
    }
}

void Reader::check_baselines()
{
    std::set<std::string> names;
    for (const Draft& draft : drafts_) {
        names.insert(draft.run.name);
    }
    std::vector<std::string_view> candidates(names.begin(), names.end());
    std::set<int> reported; // a wrong default is one error, however many runs it reaches
    for (const Draft& draft : drafts_) {
        const auto* baseline = std::get_if<std::string>(&draft.run.frozen);
        if (baseline == nullptr) {
            continue;
        }
        const int line = draft.set_at.at("frozen");
        if (*baseline == draft.run.name) {
            complain(draft.run.line,
                     "frozen=" + shown(*baseline) + ": a run can't be its own baseline (frozen=none)");
        } else if (!names.contains(*baseline) && reported.insert(line).second) {
            const auto meant = nearest(*baseline, candidates);
            complain(line,
                     "frozen=" + shown(*baseline) + " names no run of this manifest" +
                         (meant ? " (did you mean " + in_quotes(*meant) + "?)"
                                : "; it takes a run's name, an accuracy as a fraction (0.349), or none"));
        }
    }
}

} // namespace

ManifestError::ManifestError(std::vector<std::string> all)
    : std::runtime_error(joined(all)), messages(std::move(all))
{
}

Manifest parse_manifest(const std::string& text, const std::filesystem::path& folder,
                        const std::string& shown_name, Paths paths)
{
    return {text, Reader(folder, shown_name, paths).read(text)};
}

Manifest read_manifest(const std::filesystem::path& path, Paths paths)
{
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        throw ManifestError({path.string() + ": no such manifest"});
    }
    if (status.type() == std::filesystem::file_type::directory) {
        throw ManifestError({path.string() + ": is a folder; the manifest is a text file"});
    }
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    if (!file.is_open() || file.bad()) {
        throw ManifestError({path.string() + ": can't be read"});
    }
    return parse_manifest(text, path.parent_path(), path.string(), paths);
}

} // namespace fa::jobs
