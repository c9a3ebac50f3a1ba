#pragma once
/// Numbers that every rank of a group can add to, one-sided: how runs are handed out, and how far the job is.

#include "harness/comm/communicator.hpp"

#include <cstdint>
#include <memory>

namespace fa::harness::comm {

class CounterBackend {
  public:
    virtual ~CounterBackend() = default;
    virtual std::uint64_t fetch_and_add(int slot, std::uint64_t amount) = 0;
    virtual void poll() = 0;
};

/// Constructing and destroying it is collective; adding is not.
class SharedCounter {
  public:
    SharedCounter(const Communicator& group, int slots) : backend_(group.backend().make_counter(slots)) {}

    /// Adds, and returns what was there before.
    std::uint64_t fetch_and_add(int slot, std::uint64_t amount)
    {
        return backend_->fetch_and_add(slot, amount);
    }
    std::uint64_t value(int slot) { return fetch_and_add(slot, 0); }
    /// Lets MPI serve the others' requests; call it between pieces of work: a busy rank 0 delays the others
    /// by seconds on TCP otherwise.
    void poll() { backend_->poll(); }

  private:
    std::unique_ptr<CounterBackend> backend_;
};

} // namespace fa::harness::comm
