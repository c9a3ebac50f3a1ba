/// write_example_run FILE: for h5py_test.py.
#include "tests/store/example_run.hpp"

int main(int argc, char** argv)
{
    if (argc != 2) {
        return 2;
    }
    const fa::testing::ExampleRun run;
    fa::store::write_run(argv[1], run.attributes, run.slabs(), run.crcs());
    return 0;
}
