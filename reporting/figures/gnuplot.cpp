#include "reporting/figures/gnuplot.hpp"

#include "reporting/figures/figure.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

extern char** environ;

namespace fa::reporting {
namespace {

/// A file without a name. Pipes would need someone to empty them while gnuplot writes.
class NamelessFile {
  public:
    NamelessFile() : file_(std::tmpfile(), &std::fclose)
    {
        if (!file_) {
            throw GnuplotError(std::string("no temporary file for gnuplot: ") + std::strerror(errno));
        }
    }

    int descriptor() const { return fileno(file_.get()); }

    void write(const std::string& text)
    {
        const bool written = std::fwrite(text.data(), 1, text.size(), file_.get()) == text.size();
        if (!written || std::fflush(file_.get()) != 0) {
            throw GnuplotError(std::string("gnuplot's script can't be written: ") + std::strerror(errno));
        }
        std::rewind(file_.get());
    }

    std::string read()
    {
        std::rewind(file_.get());
        std::string text;
        char buffer[1 << 16];
        while (const auto count = std::fread(buffer, 1, sizeof buffer, file_.get())) {
            text.append(buffer, count);
        }
        return text;
    }

  private:
    std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
};

/// @returns the exit status as waitpid gives it
int run(const NamelessFile& script, const NamelessFile& picture, const NamelessFile& complaints)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, script.descriptor(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, picture.descriptor(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, complaints.descriptor(), STDERR_FILENO);
    // --default-settings: the user's ~/.gnuplot would restyle the figures.
    std::string name = "gnuplot", settings = "--default-settings", from_input = "-";
    char* const arguments[] = {name.data(), settings.data(), from_input.data(), nullptr};
    pid_t child = 0;
    const int error = posix_spawnp(&child, "gnuplot", &actions, nullptr, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT) {
        throw GnuplotError("the figures need gnuplot, which isn't in PATH: install it (Debian and Ubuntu: "
                           "gnuplot-nox), or leave the figures out");
    }
    if (error != 0) {
        throw GnuplotError(std::string("gnuplot can't be started: ") + std::strerror(error));
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            throw GnuplotError(std::string("gnuplot was lost: ") + std::strerror(errno));
        }
    }
    return status;
}

/// gnuplot prints the line, an arrow below it, and then what is wrong, which has a "line N: " before it.
std::string first_complaint(const std::string& text)
{
    const auto place = text.find("line ");
    if (place == std::string::npos) {
        return text.empty() ? "it says nothing" : text;
    }
    return text.substr(place, text.find('\n', place) - place);
}

} // namespace

std::string run_gnuplot(const std::string& script)
{
    NamelessFile input, output, complaints;
    input.write(script);
    const int status = run(input, output, complaints);
    auto picture = output.read();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 || picture.empty()) {
        throw GnuplotError("gnuplot can't draw a figure: " + first_complaint(complaints.read()));
    }
    return picture;
}

} // namespace fa::reporting
