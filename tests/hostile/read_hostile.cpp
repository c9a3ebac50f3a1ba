/// read_hostile FILE …: reads each file as a checkpoint (without LibTorch, so under the sanitizers too) and
/// prints a line "FILE: accepted" or "FILE: why not".
#include "tests/models/read_whole.hpp"

#include <fstream>
#include <iostream>
#include <iterator>

int main(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        std::ifstream stream(argv[i], std::ios::binary);
        const std::vector<char> bytes(std::istreambuf_iterator<char>(stream), {});
        std::cout << argv[i] << ": " << fa::testing::checkpoint_outcome(std::as_bytes(std::span(bytes)))
                  << std::endl;
    }
}
