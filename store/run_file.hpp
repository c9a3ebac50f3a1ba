#pragma once
/// A run file in memory: what is written to and read from DIR/runs/<name>.h5 (design 6).

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace fa::store {

inline constexpr const char* run_schema = "fa-harness run 1";

/// credit=ep: attributes of the group `relaxation`.
struct Relaxation {
    double beta = 0;        ///< strength of the nudge
    std::int64_t steps = 0; ///< of gradient descent
    double step = 0;        ///< its size
};

/// Attributes on the root of a run file.
struct RunAttributes {
    std::string name;
    std::string model;        ///< the kind, e.g. "resmlp"
    std::string architecture; ///< e.g. "resmlp-4x256"
    std::string credit;
    std::string loss;
    std::string precision;
    std::int64_t depth = 0;          ///< L
    std::vector<std::int64_t> width; ///< d_l, [L + 1]
    std::int64_t classes = 0;
    std::int64_t batch_size = 0;
    std::int64_t batches = 0;
    std::int64_t draws = 0;
    std::uint64_t draw_seed = 0;
    std::uint64_t eval_seed = 0;
    std::int64_t test_samples = 0;
    std::string feedback; ///< the source as the manifest wrote it, without paths: stored, none, file, seed:7
    std::string feedback_distribution;
    std::int64_t feedback_sign = 1;
    bool feedback_shared = false;
    std::string feedback_verified; ///< "verified", "unverified" or empty where there are none
    std::string checkpoint_sha256;
    std::string data_sha256;
    std::string feedback_sha256;
    std::string recorded_credit; ///< what the checkpoint says of its training, as it says it: `credit`,
    std::string recorded_method; ///< `method`
    std::string recorded_seed;   ///< and `seed`; empty, and not in the file, where it doesn't
    std::string digest;
    std::int64_t threads = 1; ///< per rank: the last bits depend on them
    std::string keep;         ///< "samples" or "batches"
    std::string train_reason; ///< attribute of `gamma`: why there is no Γ_train; empty where there is one
    std::optional<Relaxation> relaxation; ///< of credit=ep

    std::int64_t layers() const { return depth + 1; }
    std::int64_t samples() const { return batches * batch_size; }
};

enum class Element { u8, i64, u64, f32, f64 };
std::size_t size_of(Element);

/// One rank's rows of one dataset, contiguous along the first axis.
struct Slab {
    std::string dataset;              ///< e.g. "gamma/fresh"; must be in the schema
    std::vector<std::uint64_t> shape; ///< of the whole dataset
    std::uint64_t first_row = 0;
    std::uint64_t rows = 0;           ///< 0 where this rank has nothing to write
    std::span<const std::byte> bytes; ///< rows × the product of the other axes, of the dataset's element type
};

} // namespace fa::store
