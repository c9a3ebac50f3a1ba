#pragma once
/// One small object that is "several ranks or one"; what stands above it never asks which.

#include "store/writer.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace fa::harness::comm {

/// What a kind of group must be able to do; MPI's own types stay behind it.
class Backend;

/// A group of ranks. Copies share the group. Every call but rank(), size() and poll() is collective: all
/// ranks must reach it, which is why errors are agreed on first (harness/comm/agreement.hpp).
class Communicator {
  public:
    /// One rank, no MPI.
    Communicator();
    explicit Communicator(std::shared_ptr<const Backend> backend);

    int rank() const;
    int size() const;
    bool leads() const { return rank() == 0; }

    void barrier() const;
    /// Overwrites `bytes` with the root's; any length.
    void broadcast(std::span<std::byte> bytes, int root) const;
    /// The sum over the ranks, on each of them; exact in any order because integers.
    void sum(std::span<std::uint64_t> values) const;
    /// Every rank's bytes in rank order, as many of each; any length. `mine` may be its own place in `all`,
    /// on all ranks or none.
    void all_gather(std::span<const std::byte> mine, std::span<std::byte> all) const;

    struct Lowest {
        int value;
        int rank;
    };
    /// The smallest value and the lowest rank that holds it.
    Lowest lowest(int value) const;
    /// Does any rank say so?
    bool any(bool value) const { return lowest(value ? 0 : 1).value == 0; }

    /// Ranks of one colour together, in the order they have here.
    Communicator split(int colour) const;
    struct Place {
        int rank;  ///< among those
        int ranks; ///< of this group on this rank's machine
    };
    Place place_on_this_machine() const;
    int ranks_on_this_machine() const { return place_on_this_machine().ranks; }
    /// Returns once every rank has called it; calls `meanwhile` about every 20 ms until then.
    void wait_for_all(const std::function<void()>& meanwhile) const;
    /// Lets MPI serve other ranks' requests; not collective. For who waits for something else.
    void poll() const;

    /// Every rank's value, in rank order.
    template <typename T>
    std::vector<T> all_gather(const T& value) const
    {
        static_assert(std::is_trivially_copyable_v<T>);
        std::vector<T> all(static_cast<std::size_t>(size()));
        all_gather(std::as_bytes(std::span(&value, 1)), std::as_writable_bytes(std::span(all)));
        return all;
    }
    /// The root's value, on every rank.
    template <typename T>
    T shared(T value, int root = 0) const
    {
        static_assert(std::is_trivially_copyable_v<T>);
        broadcast(std::as_writable_bytes(std::span(&value, 1)), root);
        return value;
    }
    /// The root's sequence, of any length, on every rank.
    template <typename T>
    std::vector<T> shared(std::vector<T> values, int root = 0) const
    {
        static_assert(std::is_trivially_copyable_v<T>);
        values.resize(shared(values.size(), root));
        broadcast(std::as_writable_bytes(std::span(values)), root);
        return values;
    }
    std::string shared(std::string text, int root = 0) const;

    const Backend& backend() const { return *backend_; }

    /// The same group, whose `together` (harness/comm/agreement.hpp) shows every error to a watch before the
    /// ranks agree on it, and so have those of its parts: the watch may find that this process can't go on,
    /// and abort_job.
    using Watch = std::function<void(const std::exception&)>;
    Communicator watched_by(Watch watch) const;
    void show_to_watch(const std::exception& error) const;

  private:
    std::shared_ptr<const Backend> backend_;
    std::shared_ptr<const Watch> watch_{};
};

class Backend {
  public:
    virtual ~Backend() = default;
    virtual int rank() const = 0;
    virtual int size() const = 0;
    virtual void barrier() const = 0;
    virtual void broadcast(std::span<std::byte> bytes, int root) const = 0;
    virtual void all_gather(std::span<const std::byte> mine, std::span<std::byte> all) const = 0;
    virtual void sum(std::span<std::uint64_t> values) const = 0;
    virtual Communicator::Lowest lowest(int value) const = 0;
    virtual std::shared_ptr<const Backend> split(int colour) const = 0;
    virtual Communicator::Place place_on_this_machine() const = 0;
    virtual void wait_for_all(const std::function<void()>& meanwhile) const = 0;
    virtual void poll() const = 0;
    /// Property lists for a file that the group writes together; a group of one uses HDF5's defaults (the
    /// sec2 driver is faster and reports errors itself; the bytes are the same). The caller closes them
    /// (FileAccess).
    virtual store::Access open_file_access() const = 0;
    /// A counter of `slots` numbers that every rank can add to; see SharedCounter.
    virtual std::unique_ptr<class CounterBackend> make_counter(int slots) const = 0;
};

/// Owns the property lists of a group's file.
class FileAccess {
  public:
    explicit FileAccess(const Communicator& group) : lists_(group.backend().open_file_access()) {}
    ~FileAccess();
    FileAccess(const FileAccess&) = delete;
    FileAccess& operator=(const FileAccess&) = delete;

    const store::Access& lists() const { return lists_; }

  private:
    store::Access lists_;
};

} // namespace fa::harness::comm
