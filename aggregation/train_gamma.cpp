#include "aggregation/train_gamma.hpp"

namespace fa::aggregation {

GammaView TrainGamma::view() const
{
    GammaView view;
    view.batches = batches;
    view.batch_size = batch_size;
    view.layers = layers;
    view.samples = samples;
    view.batchvec = batchvec;
    view.flat = flat;
    view.concat = concat;
    return view;
}

TrainGamma read_train_gamma(const store::RunReader& run)
{
    const auto& attributes = run.attributes();
    const auto read = [&](const char* dataset) {
        return run.has(dataset) ? run.read<double>(dataset) : std::vector<double>{};
    };
    TrainGamma gamma;
    gamma.batches = attributes.batches;
    gamma.batch_size = attributes.batch_size;
    gamma.layers = attributes.layers();
    gamma.samples = read("gamma/train");
    gamma.centered = read("gamma/centered_train");
    gamma.batchvec = read("gamma/batchvec_train");
    gamma.flat = read("gamma/flat_train");
    gamma.concat = read("gamma/concat_train");
    return gamma;
}

std::vector<double> column(const std::vector<double>& table, std::size_t columns, std::size_t index)
{
    std::vector<double> values;
    values.reserve(table.size() / columns);
    for (std::size_t place = index; place < table.size(); place += columns) {
        values.push_back(table[place]);
    }
    return values;
}

} // namespace fa::aggregation
