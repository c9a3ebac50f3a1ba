/// fa-train: trains the checkpoints that the examples and tests audit (design 4).

#include "models/checkpoint.hpp"
#include "training/division.hpp"
#include "training/launcher.hpp"
#include "training/options.hpp"
#include "training/trainer.hpp"

#include <ATen/Parallel.h>
#include <H5public.h>
#include <boost/version.hpp>
#include <torch/version.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <span>
#include <string>

namespace {

using namespace fa::training;

enum ExitCode : int { all_trained = 0, something_failed = 1, wrong_usage = 2 };

/// A line at once, also through mpirun's pipes.
void say(const std::string& line)
{
    std::cout << line + '\n' << std::flush;
}

void complain(const std::string& line)
{
    std::cerr << "fa-train: " + line + '\n';
}

std::string dotted(unsigned major, unsigned minor, unsigned patch)
{
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

void print_versions()
{
    unsigned major = 0;
    unsigned minor = 0;
    unsigned release = 0;
    H5get_libversion(&major, &minor, &release);
    say("fa-train " FA_VERSION);
    say("LibTorch " TORCH_VERSION);
    say("HDF5 " + dotted(major, minor, release));
    say("Boost " + dotted(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100));
}

void train_job(const Job& job, const TrainingData& data, int threads)
{
    const auto& [recipe, output] = job;
    if (already_trained(output, recipe, data.sha256, threads))
        return say(recipe.name + ": already trained: " + output.string());
    const auto report = [&](const EpochReport& epoch) { say(progress_line(recipe, epoch)); };
    const auto checkpoint = train(recipe, data, threads, report);
    if (output.has_parent_path())
        std::filesystem::create_directories(output.parent_path());
    fa::models::write_safetensors(output, checkpoint);
}

/// Trains this rank's runs; a run that fails does not stop the next.
int train_share(const Options& options, Place place)
{
    std::vector<Recipe> recipes;
    for (const auto& job : options.jobs)
        recipes.push_back(job.recipe);
    std::map<std::filesystem::path, TrainingData> read;
    int code = all_trained;
    for (const auto index : share_of(recipes, place)) {
        const auto& job = options.jobs[index];
        try {
            auto data = read.find(job.recipe.data);
            if (data == read.end())
                data = read.emplace(job.recipe.data, read_training_data(job.recipe.data)).first;
            train_job(job, data->second, options.threads);
        } catch (const std::exception& problem) {
            complain(job.recipe.name + ": " + problem.what());
            code = something_failed;
        }
    }
    return code;
}

int run(std::span<const char* const> arguments)
{
    Place place;
    try {
        place = place_of_process([](const char* name) -> const char* { return std::getenv(name); });
        if (const auto text = help_as(arguments)) {
            if (place.rank == 0)
                std::cout << *text << std::flush;
            return all_trained;
        }
        const auto options = read_options(arguments);
        at::set_num_threads(options.threads);
        if (options.wish == Options::Wish::train)
            return worst_exit_code([&] { return train_share(options, place); });
        if (place.rank == 0 && options.wish == Options::Wish::help)
            say(help_text());
        if (place.rank == 0 && options.wish == Options::Wish::version)
            print_versions();
        return all_trained;
    } catch (const UsageError& error) {
        // Every rank sees the same mistakes; one says so. (A rank that left with an error code before that
        // would make mpirun end rank 0 with the words in its mouth.)
        if (place.rank != 0)
            return all_trained;
        for (const auto& message : error.messages)
            complain(message);
        complain("nothing was trained; --help lists the options");
        return wrong_usage;
    } catch (const std::invalid_argument& error) {
        complain(error.what());
        return wrong_usage;
    } catch (const LauncherError& error) {
        complain(error.what());
        return wrong_usage;
    }
}

} // namespace

int main(int argc, char** argv)
{
    at::set_num_interop_threads(1); // before any other Torch call
    at::set_num_threads(1);
    try {
        return run(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
    } catch (const std::exception& problem) {
        complain(problem.what());
        return something_failed;
    }
}
