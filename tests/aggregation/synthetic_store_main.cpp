/// Writes the store that reference_test.py recomputes: synthetic_store DIR.
#include "synthetic_store.hpp"

int main(int count, char** arguments)
{
    if (count != 2) {
        return 2;
    }
    using fa::testing::SyntheticRun;
    const fa::store::Layout layout(arguments[1]);
    fa::testing::write_manifest(layout, R"(default data=d.h5 frozen=frozen batch_size=16 draws=20
name=plain-1  checkpoint=a.st method=DFA seed=1
name=plain-2  checkpoint=b.st method=DFA seed=2 note="with, a comma | and a bar"
name=plain-3  checkpoint=c.st method=DFA seed=3
name=holes    checkpoint=d.st method=BP  seed=1 headline=0.9 batch_size=13 draws=31
name=layerless checkpoint=e.st method=BP seed=2 group=special
name=batches  checkpoint=f.st method=BP  seed=3 group=kept
name=trainless checkpoint=g.st method=EP seed=1 frozen=0.7
name=silent   checkpoint=h.st method=SB  credit=none
name=exploded checkpoint=i.st method=DFA seed=9 group=exploded
name=frozen   checkpoint=j.st method=frozen frozen=none
name=other-1  checkpoint=l.st method=DFA seed=1 group=other
name=other-2  checkpoint=m.st method=DFA seed=2 group=other
name=other-3  checkpoint=n.st method=DFA seed=3 group=other
name=absent   checkpoint=k.st method=DFA
)");
    const auto write = [&](const SyntheticRun& run) { fa::testing::write_synthetic_run(layout, run); };
    write({.name = "plain-1", .seed = 1});
    write({.name = "plain-2", .seed = 2, .accuracy = 0.7});
    write({.name = "plain-3", .seed = 3, .train_shift = -0.3});
    write({.name = "holes", .seed = 4, .batch_size = 13, .draws = 31, .undefined_share = 0.2});
    write({.name = "layerless", .seed = 5, .undefined_layer = 1});
    write({.name = "batches", .seed = 6, .keep = "batches", .undefined_share = 0.1});
    write({.name = "trainless", .seed = 7, .has_train = false});
    write({.name = "silent", .seed = 8, .credit = "none"});
    write({.name = "exploded", .seed = 9, .growth = 1000.0, .last_gradient = 1e-9});
    write({.name = "frozen", .seed = 10, .accuracy = 0.6});
    write({.name = "other-1", .seed = 11, .train_shift = 0.6});
    write({.name = "other-2", .seed = 12, .train_shift = 0.5});
    write({.name = "other-3", .seed = 13, .train_shift = 0.1});
    return 0;
}
