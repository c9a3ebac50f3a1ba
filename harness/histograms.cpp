#include "harness/histograms.hpp"

#include "diagnostics/histogram.hpp"

namespace fa::harness {

at::Tensor empty_counts(std::int64_t layers)
{
    return at::zeros({layers, 2048}, at::kLong);
}

void count_layers(const at::Tensor& gamma, at::Tensor& counts)
{
    for (std::int64_t l = 0; l < counts.size(0); ++l) {
        auto layer = counts[l];
        diagnostics::add_to_histogram(gamma.select(-1, l), layer);
    }
}

void put_histogram(const char* dataset, at::Tensor counts, const comm::Communicator& team,
                   const Collectives& collectives, Rows& rows)
{
    collectives.sum(counts);
    if (team.leads())
        rows.put(dataset, counts, 0);
}

} // namespace fa::harness
