#include "aggregation/controls.hpp"

#include "store/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace fa::aggregation {

Controls::Controls(const store::Layout& layout, const jobs::Manifest& manifest, Checksums compared)
    : layout_(layout), manifest_(manifest), compared_(compared)
{
}

bool Controls::is_named_as_control(const std::string& name) const
{
    return std::any_of(manifest_.runs.begin(), manifest_.runs.end(), [&](const jobs::RunSpec& run) {
        const auto* control = std::get_if<std::string>(&run.frozen);
        return control != nullptr && *control == name;
    });
}

const Controls::Measured& Controls::look_up(const std::string& name)
{
    const auto [place, is_new] = measured_.try_emplace(name);
    auto& control = place->second;
    if (!is_new) {
        return control;
    }
    const auto spec = std::find_if(manifest_.runs.begin(), manifest_.runs.end(),
                                   [&](const jobs::RunSpec& run) { return run.name == name; });
    const auto status = spec == manifest_.runs.end() ? RunStatus{RunState::missing, "", ""}
                                                     : run_status(layout_, *spec, compared_);
    if (status.state != RunState::measured) {
        control.reason = status.state == RunState::failed
                             ? fmt::format("the frozen control '{}' failed", name)
                             : fmt::format("the frozen control '{}' isn't measured", name);
        return control;
    }
    try {
        const store::RunReader run(layout_.run(name));
        control.data_sha256 = run.attributes().data_sha256;
        if (run.has("accuracy/correct")) {
            control.correct = run.read<std::uint8_t>("accuracy/correct");
        } else {
            control.reason = fmt::format("the frozen control '{}' says nothing of its accuracy", name);
        }
    } catch (const store::StoreError& error) {
        control.reason = fmt::format("the frozen control '{}' can't be read", name);
    }
    return control;
}

verdict::Control Controls::of(const jobs::RunSpec& run, const store::RunAttributes& measured)
{
    if (const auto* accuracy = std::get_if<double>(&run.frozen)) {
        return verdict::ControlAccuracy{*accuracy};
    }
    const auto* name = std::get_if<std::string>(&run.frozen);
    if (name == nullptr || *name == run.name) {
        return is_named_as_control(run.name) ? verdict::NoControl{"is the frozen control"}
                                             : verdict::NoControl{};
    }
    const auto& control = look_up(*name);
    if (!control.reason.empty()) {
        return verdict::NoControl{control.reason};
    }
    if (control.data_sha256 != measured.data_sha256) {
        return verdict::NoControl{fmt::format("the frozen control '{}' was measured on other data", *name)};
    }
    if (std::cmp_not_equal(control.correct.size(), measured.test_samples)) {
        return verdict::NoControl{fmt::format("the frozen control '{}' has {} test samples, this run {}",
                                              *name, control.correct.size(), measured.test_samples)};
    }
    return verdict::ControlRun{control.correct};
}

} // namespace fa::aggregation
