#include "reporting/json_document.hpp"

#include "aggregation/all_tables.hpp"
#include "aggregation/invariance.hpp"
#include "aggregation/robustness.hpp"
#include "reporting/methods.hpp"
#include "reporting/provenance.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <ostream>

namespace fa::reporting {
namespace {

using aggregation::Audit;
using aggregation::AuditedRun;
using aggregation::Cell;
using aggregation::Kind;
using aggregation::Table;
using json = nlohmann::ordered_json;

json number(double value)
{
    if (std::isinf(value)) {
        return value > 0 ? "inf" : "-inf";
    }
    return value; // NaN becomes null
}

json value_of(const Cell& cell)
{
    if (aggregation::is_empty(cell)) {
        return nullptr;
    }
    if (const auto* words = std::get_if<std::string>(&cell)) {
        return *words;
    }
    if (const auto* count = std::get_if<std::int64_t>(&cell)) {
        return *count;
    }
    return number(std::get<double>(cell));
}

std::string name_of(Kind kind)
{
    return kind == Kind::words ? "words" : kind == Kind::count ? "count" : "number";
}

json table_of(const Table& table)
{
    json columns = json::array();
    for (const auto& column : table.columns) {
        columns.push_back({{"name", column.name},
                           {"title", column.title},
                           {"kind", name_of(column.kind)},
                           {"unit", column.unit},
                           {"definition", column.definition}});
    }
    json rows = json::array();
    for (const auto& row : table.rows) {
        json object = json::object();
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            object[table.columns[i].name] = value_of(row.cells[i]);
        }
        rows.push_back(std::move(object));
    }
    return {{"title", table.title}, {"columns", std::move(columns)}, {"rows", std::move(rows)}};
}

json options_of(const aggregation::AuditQuestion& question)
{
    json strategies = json::array();
    for (const auto& strategy : question.strategies) {
        strategies.push_back(strategy.text());
    }
    const auto& thresholds = question.thresholds;
    return {{"thresholds",
             {{"h_norm_explosion_ratio", number(thresholds.h_norm_explosion_ratio)},
              {"g_norm_floor", number(thresholds.g_norm_floor)},
              {"stability_drift_ceiling", number(thresholds.stability_drift_ceiling)},
              {"frozen_acc_margin_pp", number(thresholds.frozen_acc_margin_pp)}}},
            {"strategies", std::move(strategies)},
            {"bootstrap_replicates", question.replicates}};
}

const char* outcome_of(verdict::State state)
{
    return state == verdict::State::fired ? "fired" : state == verdict::State::passed ? "passed" : "not run";
}

json verdict_of(const verdict::Verdict& verdict)
{
    json diagnostics = json::object();
    for (const auto& one : verdict::diagnostics_of(verdict)) {
        const auto& judged = *one.judgement;
        diagnostics[std::string(1, one.letter)] = {
            {"name", one.name},
            {"outcome", outcome_of(judged.state)},
            {"marginal", judged.marginal},
            {"cause", judged.cause.empty() ? json() : json(judged.cause)},
            {"reason", judged.reason.empty() ? json() : json(judged.reason)}};
    }
    return {{"text", verdict.text()},
            {"trustworthy", verdict.trustworthy()},
            {"gamma_is_interpretable", verdict.gamma_is_interpretable()},
            {"diagnostics", std::move(diagnostics)},
            {"warnings", verdict.warnings}};
}

json measurement_of(const store::RunAttributes& of)
{
    json relaxation;
    if (of.relaxation) {
        relaxation = {{"beta", number(of.relaxation->beta)},
                      {"steps", of.relaxation->steps},
                      {"step", number(of.relaxation->step)}};
    }
    return {{"model", of.model},
            {"architecture", of.architecture},
            {"credit", of.credit},
            {"loss", of.loss},
            {"precision", of.precision},
            {"depth", of.depth},
            {"width", of.width},
            {"classes", of.classes},
            {"batch_size", of.batch_size},
            {"batches", of.batches},
            {"draws", of.draws},
            {"draw_seed", of.draw_seed},
            {"eval_seed", of.eval_seed},
            {"test_samples", of.test_samples},
            {"feedback", of.feedback},
            {"feedback_distribution", of.feedback_distribution},
            {"feedback_sign", of.feedback_sign},
            {"feedback_shared", of.feedback_shared},
            {"feedback_verified", of.feedback_verified},
            {"checkpoint_sha256", of.checkpoint_sha256},
            {"data_sha256", of.data_sha256},
            {"feedback_sha256", of.feedback_sha256},
            {"digest", of.digest},
            {"threads", of.threads},
            {"keep", of.keep},
            {"train_reason", of.train_reason},
            {"relaxation", std::move(relaxation)}};
}

json run_of(const AuditedRun& run)
{
    using aggregation::RunState;
    const auto state = run.status.state;
    json object{{"name", run.spec.name},
                {"method", run.spec.method},
                {"group", run.group},
                {"seed", run.spec.seed ? json(*run.spec.seed) : json()},
                {"note", run.spec.note},
                {"headline", run.spec.headline ? number(*run.spec.headline) : json()},
                {"status", state == RunState::measured ? "measured"
                           : state == RunState::failed ? "failed"
                                                       : "missing"},
                {"reason", run.status.reason},
                {"verdict", nullptr},
                {"measurement", nullptr},
                {"statements", json::array()}};
    if (run.result) {
        object["verdict"] = verdict_of(run.result->verdict);
        object["measurement"] = measurement_of(run.result->attributes);
        object["statements"] = aggregation::statements(run);
    }
    return object;
}

json groups_of(const Audit& audit)
{
    json groups = json::array();
    for (std::size_t i = 0; i < audit.groups.size(); ++i) {
        const auto& group = audit.groups[i];
        groups.push_back({{"name", group.name},
                          {"runs", group.runs},
                          {"n", group.n},
                          {"not_interpretable", group.not_interpretable},
                          {"statements", aggregation::invariance(group, audit.variances[i])},
                          {"warnings", group.warnings}});
    }
    return groups;
}

} // namespace

void write_json(const Audit& audit, const std::vector<Table>& tables, const std::filesystem::path& store,
                std::ostream& out)
{
    const Provenance provenance(store);
    json runs = json::array();
    for (const auto& run : audit.runs) {
        runs.push_back(run_of(run));
    }
    json all = json::object();
    for (const auto& table : aggregation::all_tables(audit, tables)) {
        all[table.name] = table_of(table);
    }
    json events = json::array();
    for (const auto& line : provenance.lines()) {
        events.push_back(json::parse(line));
    }
    const json document{{"schema", "fa-harness report 1"}, {"options", options_of(audit.question)},
                        {"manifest", audit.manifest},      {"methods", methods(audit, provenance)},
                        {"runs", std::move(runs)},         {"groups", groups_of(audit)},
                        {"tables", std::move(all)},        {"provenance", std::move(events)}};
    // A name or reason that is no UTF-8 must not lose the document.
    out << document.dump(1, ' ', false, json::error_handler_t::replace) << '\n';
}

} // namespace fa::reporting
