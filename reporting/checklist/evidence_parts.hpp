#pragma once
/// What evidence.cpp puts together: one function a pitfall, and how their lines are written.

#include "reporting/checklist/evidence.hpp"

#include <string>
#include <vector>

namespace fa::reporting {

Evidence minus_one_norms(const aggregation::Audit& audit);
Evidence clamped_cosines(const aggregation::Audit& audit);
Evidence half_precision(const aggregation::Audit& audit);
Evidence reseeding(const aggregation::Audit& audit);
Evidence aggregations(const aggregation::Audit& audit);
Evidence first_layers(const aggregation::Audit& audit);

/// A line of evidence with its weight: heavier ones are shown first.
struct Weighed {
    double weight = 0;
    std::string text;
};
/// The heaviest few, and how many more there are.
std::vector<std::string> shown(std::vector<Weighed> lines);

std::string cosine_text(double value);
std::string number_text(double value);
std::string percent_text(double value);
/// " (Γ not interpretable: a, b)", so that no line can be read without it; empty where it is.
std::string mark(const aggregation::RunResult& run);

} // namespace fa::reporting
