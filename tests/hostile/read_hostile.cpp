/// read_hostile PATH …: reads each as what its extension says, a manifest (.txt), what was measured
/// elsewhere (.tensors), a checkpoint (.pt,
/// .safetensors; without LibTorch, so under the sanitizers too) or else a data set, and prints a line "PATH:
/// accepted" or "PATH: why not".
#include "jobs/dataset.hpp"
#include "jobs/manifest.hpp"
#include "jobs/tensors_file.hpp"
#include "tests/models/read_whole.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <iterator>

namespace {

std::string manifest_outcome(const std::filesystem::path& path)
{
    try {
        fa::jobs::read_manifest(path);
        return "accepted";
    } catch (const fa::jobs::ManifestError& error) {
        std::string all = error.what();
        std::replace(all.begin(), all.end(), '\n', '|');
        return all.substr(0, 3000); // of every line that is wrong one message
    }
}

std::string data_outcome(const std::filesystem::path& path)
{
    try {
        const auto header = fa::jobs::read_split_header(path, "test");
        const auto split = fa::jobs::read_split(path, "test");
        const bool whole = header.samples == split.samples() && header.shape == split.shape &&
                           static_cast<std::int64_t>(split.inputs.size()) == split.samples() * split.features;
        return whole ? "accepted" : "the header says another shape";
    } catch (const fa::jobs::DataError& error) {
        return error.what();
    }
}

/// Opened as the plan opens it, and read whole from memory as the audit does.
std::string tensors_outcome(const std::filesystem::path& path)
{
    std::ifstream stream(path, std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(stream), {});
    try {
        const fa::jobs::TensorsFile headers(path);
        const fa::jobs::TensorsFile file(std::as_bytes(std::span(bytes)), path.string());
        file.labels();
        file.correct();
        file.feedback();
        file.rows("error", 0, file.samples());
        for (const char* group : {"gradient", "hidden", "credit"}) {
            const bool there =
                group == std::string("gradient") ||
                (group == std::string("hidden") ? file.has_hidden_states() : file.has_credit());
            for (std::size_t layer = 0; there && layer < file.widths().size(); ++layer) {
                file.rows(group + ("/" + std::to_string(layer)), 0, file.samples());
            }
        }
        return headers.widths() == file.widths() ? "accepted" : "the file has other widths in memory";
    } catch (const fa::jobs::DataError& error) {
        return error.what();
    }
}

std::string outcome(const std::filesystem::path& path)
{
    const auto extension = path.extension();
    if (extension == ".txt") {
        return manifest_outcome(path);
    }
    if (extension == ".tensors") {
        return tensors_outcome(path);
    }
    if (extension != ".pt" && extension != ".safetensors") {
        return data_outcome(path);
    }
    std::ifstream stream(path, std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(stream), {});
    return fa::testing::checkpoint_outcome(std::as_bytes(std::span(bytes)));
}

} // namespace

/// HDF5 itself forgets some bytes of damaged files.
extern "C" const char* __lsan_default_suppressions()
{
    return "leak:libhdf5";
}

/// Outside the sanitizer too malloc says no to what no machine has, and HDF5 heeds it.
extern "C" const char* __asan_default_options()
{
    return "allocator_may_return_null=1";
}

extern "C" const char* __lsan_default_options()
{
    return "print_suppressions=0";
}

int main(int argc, char** argv)
{
    for (int i = 1; i < argc; ++i) {
        std::cout << argv[i] << ": " << outcome(argv[i]) << std::endl;
    }
}
