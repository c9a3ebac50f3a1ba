#pragma once
/// Step 3 of a run in its team (design 9): what was measured of each batch comes to all ranks.

#include "diagnostics/measure.hpp"
#include "harness/batch_layout.hpp"
#include "harness/collectives.hpp"
#include "harness/comm/communicator.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace fa::harness {

/// Of every eval batch, after the exchange.
struct BatchExchange {
    /// [batches], on the device that computes; empty where the credit has no feedback.
    std::vector<diagnostics::GammaInputs> gamma_inputs;
    /// [L+1][batches]: unit mean gradients, [d_l], on the CPU.
    std::vector<std::vector<at::Tensor>> mean_direction;
};

/// Memory for all batches of a run, in which the ranks gather theirs: window w is the w-th batch of each
/// rank, and lies in one piece. So a batch is copied once, by its own rank, and gathered into the place where
/// it is used. Only the last window may lack batches (shares differ by one at most): it is gathered beside,
/// in slabs.
class Exchange {
  public:
    /// Takes the memory; not collective.
    Exchange(const BatchLayout& layout, std::int64_t batches, const comm::Communicator& team,
             const Collectives& collectives);

    /// Takes what all ranks need of a batch of this rank's share out of its result, on the current stream.
    void put(std::int64_t batch, diagnostics::BatchResult& result);
    /// Brings every batch to every rank. Collective in the team; each rank has put all of its share, and what
    /// it put is computed.
    BatchExchange gather();

    /// Windows of the exchange, each of a batch's bytes from every rank to every other.
    static std::int64_t windows(std::int64_t batches, int ranks);
    /// Memory on a rank.
    static std::int64_t bytes(const BatchLayout& layout, std::int64_t batches, int ranks);

  private:
    std::int64_t place(std::int64_t batch) const;
    void gather_last();

    BatchLayout layout_;
    std::int64_t batches_;
    const comm::Communicator& team_;
    const Collectives& collectives_;
    at::Tensor all_;  ///< [batches, bytes] in the order of windows and ranks
    at::Tensor last_; ///< [ranks · a slab's bytes] where the last window lacks batches
};

} // namespace fa::harness
