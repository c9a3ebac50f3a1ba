#pragma once
/// What every rank needs of an evaluation batch, as one run of bytes.

#include "diagnostics/feedback_rule.hpp"
#include "diagnostics/gamma_inputs.hpp"
#include "store/run_file.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

namespace fa::harness {

/// Places of a batch's tensors, the same for every batch of a run. First stand the mean directions, then,
/// where the run has draws, the Γ engine's inputs. Each begins at a multiple of 256 bytes, as what LibTorch
/// allocates on a GPU does: cuBLAS chooses its kernels, and with them the order of its sums, by alignment, so
/// none may depend on the number of ranks.
class BatchLayout {
  public:
    BatchLayout(const store::RunAttributes& run, diagnostics::Propagation propagation);

    /// Of a batch; a multiple of 256.
    std::int64_t bytes() const { return bytes_; }
    /// Of them, those of the mean directions.
    std::int64_t direction_bytes() const { return direction_bytes_; }
    std::size_t layers() const { return directions_.size(); }
    bool has_gamma_inputs() const { return !gamma_.empty(); }

    /// @param directions  per layer [d_l] float64
    /// @param to          [bytes()] uint8, on any device
    /// @throws std::logic_error where shapes or types aren't those of the run
    void pack(const diagnostics::GammaInputs& inputs, const std::vector<at::Tensor>& directions,
              const at::Tensor& to) const;

    /// Views into `from`, [direction_bytes()] uint8 or more: per layer [d_l] float64.
    std::vector<at::Tensor> directions(const at::Tensor& from) const;
    /// Views into `from`, [bytes()] uint8.
    diagnostics::GammaInputs gamma_inputs(const at::Tensor& from) const;

  private:
    struct Field {
        at::ScalarType type;
        std::vector<std::int64_t> shape;
        std::int64_t first; ///< byte
        std::int64_t bytes;
    };
    void add(std::vector<Field>& fields, at::ScalarType type, std::vector<std::int64_t> shape);
    static at::Tensor view(const at::Tensor& bytes, const Field& field);
    static void put(const Field& field, const at::Tensor& tensor, const at::Tensor& to);

    std::int64_t bytes_ = 0;
    std::int64_t direction_bytes_ = 0;
    std::vector<Field> directions_;
    std::vector<Field> gamma_; ///< as `tensors_of` orders them
    bool gated_;
};

} // namespace fa::harness
