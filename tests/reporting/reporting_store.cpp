/// Stores for the tests of figures and page: reporting_store hostile|many|deep DIR.
#include "tests/aggregation/synthetic_store.hpp"

#include <string>

namespace {

using fa::testing::SyntheticRun;

/// Names and words that would do harm where HTML, gnuplot or a shell took them for more than text; the last
/// two names give files of one name unless that is seen to.
void write_hostile(const fa::store::Layout& layout)
{
    const std::string group =
        "'; set print '|touch pwned'; $(touch pwned) `touch pwned` <svg onload=pwned=4>";
    std::string manifest = "default data=d.h5 batch_size=16 draws=20 method=\"<img src=x onerror=pwned=3>\" "
                           "note=\"</article><script>pwned=5</script>\" group=\"" +
                           group + "\"\n";
    int seed = 0;
    for (const std::string name :
         {"<script>pwned=1<b onmouseover='pwned=2'>&amp;", "{:Bold x} 'q' \\n ${y}", "twin a", "twin?A"}) {
        fa::testing::write_synthetic_run(layout, {.name = name, .seed = static_cast<std::uint64_t>(++seed)});
        manifest += "name=\"" + name + "\" checkpoint=a.st seed=" + std::to_string(seed) + "\n";
    }
    fa::testing::write_manifest(layout, manifest);
}

void write_runs(const fa::store::Layout& layout, const SyntheticRun& like, int count)
{
    std::string manifest = "default data=d.h5 batch_size=" + std::to_string(like.batch_size) +
                           " batches=" + std::to_string(like.batches) +
                           " draws=" + std::to_string(like.draws) + "\n";
    for (int i = 0; i < count; ++i) {
        auto run = like;
        run.name = "run-" + std::to_string(i);
        run.seed = static_cast<std::uint64_t>(i + 1);
        fa::testing::write_synthetic_run(layout, run);
        manifest += "name=" + run.name + " checkpoint=a.st seed=" + std::to_string(i) +
                    " group=" + (i + 1 < count ? "first" : "last") + "\n";
    }
    fa::testing::write_manifest(layout, manifest);
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 3) {
        return 2;
    }
    const std::string kind = arguments[1];
    const fa::store::Layout layout(arguments[2]);
    if (kind == "many") {
        write_runs(layout, {.batches = 2, .batch_size = 4, .draws = 6}, 30);
    } else if (kind == "deep") {
        write_runs(layout, {.depth = 30, .batches = 40, .batch_size = 2, .draws = 5}, 1);
    } else {
        write_hostile(layout);
    }
    return 0;
}
