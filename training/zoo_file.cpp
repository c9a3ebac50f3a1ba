#include "training/zoo_file.hpp"

#include "jobs/manifest_words.hpp"

#include <fmt/format.h>

#include <fstream>
#include <set>
#include <sstream>

namespace fa::training {
namespace {

/// The zoo file while it is read: what the default lines said so far, and what went wrong.
class Parser {
  public:
    Parser(std::filesystem::path folder, std::string shown_name)
        : folder_(std::move(folder)), shown_name_(std::move(shown_name))
    {
    }

    void line(std::string_view text)
    {
        ++line_;
        if (auto error = jobs::text_error(text); !error.empty())
            return complain(error);
        auto [words, errors] = jobs::split_line(text);
        for (const auto& error : errors)
            complain(error);
        if (words.empty())
            return;
        const bool is_default = words.front().key == "default" && !words.front().has_value;
        if (is_default)
            words.erase(words.begin());
        const auto settings = settings_of(words);
        if (is_default)
            add_defaults(settings);
        else if (errors.empty())
            add_run(settings);
    }

    std::vector<Recipe> finish()
    {
        if (recipes_.empty() && messages_.empty())
            messages_.push_back(shown_name_ + ": names no run");
        if (!messages_.empty())
            throw RecipeError(messages_);
        return std::move(recipes_);
    }

  private:
    Settings settings_of(const std::vector<jobs::Word>& words)
    {
        Settings settings;
        for (const auto& word : words) {
            if (!word.has_value)
                complain(fmt::format("'{}' is not a key=value word", jobs::shown(word.key)));
            else if (!settings.emplace(word.key, word.value).second)
                complain(fmt::format("key '{}' stands twice in the line", jobs::shown(word.key)));
        }
        return settings;
    }

    void add_defaults(const Settings& settings)
    {
        for (const auto& [key, value] : settings)
            if (key == "name")
                complain("a default line can't set name: every run has its own");
            else
                defaults_.insert_or_assign(key, value);
    }

    void add_run(Settings settings)
    {
        settings.insert(defaults_.begin(), defaults_.end()); // the line's own words stay
        try {
            auto recipe = make_recipe(settings, folder_);
            if (recipe.name.empty())
                return complain("name is missing");
            if (!names_.insert(recipe.name).second)
                return complain(fmt::format("name '{}' is already another run's", recipe.name));
            recipes_.push_back(std::move(recipe));
        } catch (const RecipeError& error) {
            for (const auto& message : error.messages)
                complain(message);
        }
    }

    void complain(const std::string& message)
    {
        messages_.push_back(fmt::format("{}:{}: {}", shown_name_, line_, message));
    }

    std::filesystem::path folder_;
    std::string shown_name_;
    int line_ = 0;
    Settings defaults_;
    std::set<std::string> names_;
    std::vector<Recipe> recipes_;
    std::vector<std::string> messages_;
};

} // namespace

std::vector<Recipe> parse_zoo(const std::string& text, const std::filesystem::path& folder,
                              const std::string& shown_name)
{
    Parser parser(folder, shown_name);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r'))
            line.pop_back();
        parser.line(line);
    }
    return parser.finish();
}

std::vector<Recipe> read_zoo(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (file)
        text << file.rdbuf();
    if (!file)
        throw RecipeError({path.string() + ": can't be read"});
    return parse_zoo(text.str(), path.parent_path(), path.string());
}

} // namespace fa::training
