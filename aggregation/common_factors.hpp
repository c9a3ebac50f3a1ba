#pragma once
/// What runs share, so that they can be compared value by value.

#include "store/run_file.hpp"

namespace fa::aggregation {

/// Common random numbers need equal shapes (those of fa and fa_noskip are others) and the same key of the
/// draws.
inline bool draws_are_common(const store::RunAttributes& a, const store::RunAttributes& b)
{
    return a.draws == b.draws && a.draw_seed == b.draw_seed && a.width == b.width && a.classes == b.classes &&
           a.credit.starts_with("fa") == b.credit.starts_with("fa") &&
           a.feedback_distribution == b.feedback_distribution && a.feedback_shared == b.feedback_shared;
}

inline bool batches_are_common(const store::RunAttributes& a, const store::RunAttributes& b)
{
    return a.batches == b.batches && a.batch_size == b.batch_size && a.eval_seed == b.eval_seed &&
           a.data_sha256 == b.data_sha256;
}

} // namespace fa::aggregation
