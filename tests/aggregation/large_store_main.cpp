/// Writes a store of many runs with their caches, in groups of five seeds: aggregation_large_store DIR RUNS
/// DRAWS. The samples of Γ_fresh are zeros, which `fallocate --dig-holes` takes off the disk.
#include "synthetic_store.hpp"

#include <string>

int main(int count, char** arguments)
{
    if (count != 4) {
        return 2;
    }
    const fa::store::Layout layout(arguments[1]);
    const auto runs = std::stoul(arguments[2]);
    std::string manifest =
        "default data=d.h5 batch_size=128 batches=8 draws=" + std::string(arguments[3]) + "\n";
    for (unsigned long i = 0; i < runs; ++i) {
        fa::testing::SyntheticRun run;
        run.name = "run-" + std::to_string(i);
        run.seed = i;
        run.depth = 4;
        run.batches = 8;
        run.batch_size = 128;
        run.draws = std::stol(arguments[3]);
        run.test_samples = 4000;
        run.fresh_is_zero = true;
        fa::testing::write_synthetic_run(layout, run);
        fa::testing::write_synthetic_cache(layout, run);
        manifest += "name=" + run.name + " checkpoint=" + run.name + ".st method=DFA group=group-" +
                    std::to_string(i / 5) + " seed=" + std::to_string(i % 5) +
                    (i == 0 ? " frozen=none\n" : " frozen=run-0\n");
    }
    fa::testing::write_manifest(layout, manifest);
    return 0;
}
