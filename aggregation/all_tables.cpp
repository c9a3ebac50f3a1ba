#include "aggregation/all_tables.hpp"

#include "aggregation/columns.hpp"
#include "aggregation/robustness.hpp"
#include "aggregation/tables.hpp"

#include <array>
#include <map>
#include <string_view>

namespace fa::aggregation {
namespace {

/// Appends the rows of `part`, each behind the words that say whose they are.
void append(Table& table, const std::string& of, Table part)
{
    for (auto& row : part.rows) {
        row.cells.insert(row.cells.begin(), Cell(of));
        table.rows.push_back(std::move(row));
    }
}

Table pitfalls_of_runs(const Audit& audit)
{
    Table table{"pitfalls", "What the pitfalls would have printed", {}, {}};
    auto columns = pitfalls_table({}).columns;
    columns.insert(columns.begin(), words("run", "run", "its name"));
    table.columns = std::move(columns);
    for (const auto& run : audit.runs) {
        if (run.result) {
            append(table, run.spec.name, pitfalls_table(*run.result));
        }
    }
    return table;
}

Table layers_of_groups(const Audit& audit)
{
    Table table{"group_layers", "Layers of the groups", {}, {}};
    auto columns = group_layers_table({}).columns;
    columns.insert(columns.begin(), words("group", "group", "runs that differ in their seed only"));
    table.columns = std::move(columns);
    for (const auto& group : audit.groups) {
        append(table, group.name, group_layers_table(group));
    }
    return table;
}

/// The tidy table's first columns: what a number is of.
enum Of {
    of_run,
    of_group,
    of_other,
    of_seed,
    of_layer,
    of_strategy,
    of_feedback,
    of_source,
    of_from,
    of_to
};
constexpr std::size_t number_of_keys = of_to + 1;

/// Columns of the other tables that say what a row is of.
const std::map<std::string_view, Of> keys{{"run", of_run},   {"group", of_group}, {"other", of_other},
                                          {"seed", of_seed}, {"layer", of_layer}, {"strategy", of_strategy},
                                          {"from", of_from}, {"to", of_to}};

bool starts_with_any(std::string_view name, std::initializer_list<std::string_view> starts)
{
    for (const auto start : starts) {
        if (name.starts_with(start)) {
            return true;
        }
    }
    return false;
}

/// Whose Γ a column is of: that with the training's matrices, with fresh ones, or one against the other.
std::string feedback_of(std::string_view column)
{
    if (starts_with_any(column, {"fresh"})) {
        return "fresh";
    }
    if (starts_with_any(column, {"gamma_train", "train_", "undefined", "centered_gamma", "layer_0_share",
                                 "blocks_only"})) {
        return "train";
    }
    const bool compared =
        column == "z" || column == "p" || column.starts_with("p_") || column.ends_with("_p");
    return compared ? "train against fresh" : "";
}

bool is_pitfalls_gamma(std::string_view column)
{
    return column == "gamma" || column == "float32_gamma" || column == "fp16_gamma" ||
           column == "bf16_gamma" || column.starts_with("clamped");
}

/// Turns the rows of other tables into rows of one number each.
class Tidying {
  public:
    Tidying(const Audit& audit, Table& tidy) : tidy_(tidy)
    {
        for (const auto& run : audit.runs) {
            runs_[run.spec.name] = &run;
        }
    }

    void add(const Table& table)
    {
        for (const auto& row : table.rows) {
            keys_ = {};
            interpretable_ = "";
            read_keys(table, row);
            for (std::size_t i = 0; i < table.columns.size(); ++i) {
                if (table.columns[i].kind != Kind::words && !is_key(table.columns[i])) {
                    add_number(table, table.columns[i], row.cells[i]);
                }
            }
        }
    }

  private:
    static bool is_key(const Column& column) { return keys.contains(column.name); }

    void read_keys(const Table& table, const Row& row)
    {
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const auto& name = table.columns[i].name;
            const auto& cell = row.cells[i];
            const auto* const text = std::get_if<std::string>(&cell);
            if (const auto key = keys.find(name); key != keys.end()) {
                keys_[key->second] = cell;
            } else if (name == "interpretable") {
                interpretable_ = cell;
            } else if (text != nullptr && (name == "gamma" || (name == "source" && table.name == "spread"))) {
                keys_[of_feedback] = cell;
            } else if (text != nullptr && (name == "source" || name == "dimension")) {
                keys_[of_source] = cell;
            } else if (text != nullptr && name == "what") {
                read_what(*text);
            }
        }
        add_what_the_manifest_says(table);
    }

    /// "layer 3", or a strategy.
    void read_what(const std::string& what)
    {
        constexpr std::string_view layer = "layer ";
        if (what.starts_with(layer)) {
            keys_[of_layer] = what.substr(layer.size());
        } else {
            keys_[of_strategy] = what;
        }
    }

    void add_what_the_manifest_says(const Table& table)
    {
        const auto* const name = std::get_if<std::string>(&keys_[of_run]);
        if (name == nullptr) {
            return;
        }
        const auto& run = *runs_.at(*name);
        keys_[of_group] = run.group;
        keys_[of_seed] = seed_cell(run.spec);
        if (table.name == "pitfalls") {
            pitfalls_are_of_ = run.result->pitfalls.of_fresh_draw ? "fresh" : "train";
        }
        if (table.name == "runs" && run.result) {
            interpretable_ = interpretable(run.result->verdict);
        }
    }

    void add_number(const Table& table, const Column& column, const Cell& value)
    {
        std::vector<Cell> cells{table.name};
        cells.insert(cells.end(), keys_.begin(), keys_.end());
        auto& feedback = cells[1 + of_feedback];
        if (is_empty(feedback)) {
            feedback = table.name == "pitfalls" && is_pitfalls_gamma(column.name) ? pitfalls_are_of_
                                                                                  : feedback_of(column.name);
        }
        cells.insert(cells.end(), {Cell(column.name), value, Cell(column.unit), interpretable_});
        tidy_.add(std::move(cells));
    }

    Table& tidy_;
    std::map<std::string_view, const AuditedRun*> runs_;
    std::array<Cell, number_of_keys> keys_;
    Cell interpretable_;
    std::string pitfalls_are_of_;
};

std::vector<Column> tidy_columns()
{
    return {words("table", "table", "the wide table that has the number too"),
            words("run", "run", "its name; empty for a group's number"),
            words("group", "group", "runs that differ in their seed only"),
            words("other", "other group", "what is taken off the group's, in comparisons"),
            count("seed", "seed", "of the training, as the manifest says"),
            words("layer", "layer", "0 is the embedding, L the last block; all, layers=mean: of all layers"),
            words("strategy", "strategy", "how gamma becomes one number"),
            words("feedback", "feedback", "Bs of gamma: train, fresh, or train against fresh"),
            words("source", "source", "of the spread (variance), or the dimension of the choice (choices)"),
            words("from", "from", "the level before, of a choice"),
            words("to", "to", "the level after, of a choice"),
            words("quantity", "quantity", "the column's name in that table"),
            number("value", "value", Digits::significant, "", "the number; empty where N/A"),
            words("unit", "unit", "of the value"),
            words("interpretable", "Γ interpretable", "no where diagnostic (a) or (b) fired")};
}

} // namespace

std::vector<Table> all_tables(const Audit& audit, const std::vector<Table>& summary)
{
    auto tables = summary;
    tables.push_back(overview_table(audit));
    tables.push_back(pitfalls_of_runs(audit));
    tables.push_back(layers_of_groups(audit));
    return tables;
}

Table tidy_table(const Audit& audit, const std::vector<Table>& summary)
{
    Table tidy{"tidy", "Every number", tidy_columns(), {}};
    Tidying tidying(audit, tidy);
    for (const auto& table : all_tables(audit, summary)) {
        const bool is_overview = table.name == "overview";
        tidying.add(is_overview ? select(table, {"run", "layer_0_share", "blocks_only", "interpretable"})
                                : table);
    }
    return tidy;
}

} // namespace fa::aggregation
