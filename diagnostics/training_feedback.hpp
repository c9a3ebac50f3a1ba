#pragma once
#include "diagnostics/draws.hpp"
#include "jobs/run_spec.hpp"
#include "models/checkpoint.hpp"

#include <ATen/ATen.h>

#include <cstdint>
#include <string>
#include <vector>

namespace fa::diagnostics {

/// The feedback matrices a checkpoint was trained with, or why they are not known (design 2).
struct TrainingFeedback {
    std::vector<at::Tensor> matrices; ///< B_l, float64, `feedback_sign` applied; empty where unknown
    std::string reason;               ///< why they are unknown; empty where they are known
    std::string sha256; ///< of the matrices as stored (before the sign), little-endian float32, layers in
                        ///< order; empty where unknown
    bool verified =
        false; ///< stored ones: true; regenerated ones and another file's: the checkpoint's hash agreed
    jobs::Distribution distribution = jobs::Distribution::normal; ///< of the fresh draws: the key, else the
                                                                  ///< record, else normal
    std::vector<double> scale; ///< of the fresh draws by layer, [L+1]: the record `feedback_std`, else what
                               ///< the matrices were regenerated with, else their root mean square, else
                               ///< `default_feedback_scale`
};

/// Finds the training feedback where the manifest says, and compares it with what the checkpoint records.
/// `seed:N` regenerates with the recorded distribution and scales (else normal and `default_feedback_scale`):
/// `seeded_feedback` or `torch_feedback`. A checkpoint that records a `credit` whose matrices have other
/// shapes (dfa's are [d_l, C], fa's [d_l, d_{l+1}]) stores and records nothing about the credit evaluated.
/// @param file_checkpoint  the parsed file of `feedback=FILE`, null for other sources
/// @throws models::CheckpointError when a matrix contradicts its recorded hash or the shapes, a record cannot
/// be read, or
///         `feedback_distribution=permute` has nothing to shuffle
TrainingFeedback training_feedback(const jobs::RunSpec& spec, const models::Checkpoint& checkpoint,
                                   const models::Checkpoint* file_checkpoint,
                                   const std::vector<models::MatrixShape>& shapes);

/// The fresh draws that belong to it: its distribution and scales; `permute` shuffles the matrices as stored,
/// because fresh draws are not turned by `feedback_sign` (design 6).
DrawSpec fresh_draws(const jobs::RunSpec& spec, const TrainingFeedback& feedback,
                     const std::vector<models::MatrixShape>& shapes, Propagation propagation);

/// The matrices of `seed:N`, which is also how fa-train makes them: entries of standard deviation `scale[l]`,
/// keyed by (seed, purpose "training", 0, layer, element). Float32, of these shapes.
/// @throws std::invalid_argument if `shared` and the shapes differ, or for `permute`
std::vector<at::Tensor> seeded_feedback(std::uint64_t seed, jobs::Distribution distribution,
                                        const std::vector<models::MatrixShape>& shapes,
                                        const std::vector<double>& scale, bool shared = false);

/// The matrices of `seed:torch:N`: PyTorch's CPU generator, layers in order, one randn each. In Python:
///
///     generator = torch.Generator().manual_seed(N)
///     Bs = [torch.randn(*shape, generator=generator) * std for shape, std in zip(shapes, scale)]
///     # feedback_shared: one torch.randn(*shape, generator=generator) * scale[0] for all layers
///
/// Float32. PyTorch fills 16 or more numbers at once in another order than fewer: always whole
/// matrices.
/// @throws std::invalid_argument if `shared` and the shapes differ
std::vector<at::Tensor> torch_feedback(std::uint64_t seed, const std::vector<models::MatrixShape>& shapes,
                                       const std::vector<double>& scale, bool shared = false);

/// SHA-256 of matrices as little-endian float32, layers in order.
std::string feedback_sha256(const std::vector<at::Tensor>& matrices);

} // namespace fa::diagnostics
