#pragma once
/// Where things lie in an output folder (design 6), and how a file appears whole or not at all (design 8).

#include <filesystem>
#include <string>
#include <string_view>

namespace fa::store {

/// The paths of an output folder. Makes and checks nothing.
class Layout {
  public:
    explicit Layout(std::filesystem::path root) : root_(std::move(root)) {}

    const std::filesystem::path& root() const { return root_; }
    std::filesystem::path manifest() const { return root_ / "manifest.txt"; }
    std::filesystem::path audit() const { return root_ / "audit.h5"; }
    std::filesystem::path provenance() const { return root_ / "provenance.jsonl"; }
    std::filesystem::path tables() const { return root_ / "tables"; }
    std::filesystem::path cache() const { return root_ / "cache"; }
    std::filesystem::path runs() const { return root_ / "runs"; }
    /// Of unfinished runs; there only while a run has some.
    std::filesystem::path segments() const { return root_ / "segments"; }
    std::filesystem::path segments(std::string_view name) const { return segments() / name; }

    std::filesystem::path run(std::string_view name) const { return in_runs(name, ".h5"); }
    std::filesystem::path failed(std::string_view name) const { return in_runs(name, ".failed"); }
    std::filesystem::path attempt(std::string_view name) const { return in_runs(name, ".attempt"); }

    /// A name under which a run file can be written before it is complete. Every call gives another one, on
    /// every machine and in every process (two jobs may write the same folder), so a team's ranks take their
    /// leader's.
    std::filesystem::path temporary_run(std::string_view name) const;

    /// Makes the folders that hold files.
    /// @throws StoreError naming the folder and the system's reason
    void make_folders() const;

    /// Removes what writers that were killed left behind: every temporary file of something that is there, or
    /// whose run is. Slower writers of another job find the finished file in place (publish()), or write once
    /// more (write_whole_file()); what is still being written for the first time is left alone.
    void remove_leftovers() const noexcept;

    /// Removes a run's segments, and their folder with the last run's.
    void remove_segments(std::string_view name) const noexcept;

  private:
    std::filesystem::path in_runs(std::string_view name, std::string_view suffix) const
    {
        return runs() / (std::string(name) += suffix);
    }
    std::filesystem::path root_;
};

/// "<path's folder>/.<path's file name>.<something that no other call returns>"
std::filesystem::path temporary_name(const std::filesystem::path& path);

/// Writes a file that is there whole or not at all, also after a power cut: temporary name, fsync, rename,
/// fsync of the folder.
/// @throws StoreError naming the path and the system's reason
void write_whole_file(const std::filesystem::path& path, std::string_view content);

} // namespace fa::store
