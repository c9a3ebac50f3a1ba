#pragma once

namespace fa::verdict {

/// Names and defaults are the protocol's.
struct Thresholds {
    double h_norm_explosion_ratio = 50.0;  ///< (a) max growth of the median ‖h‖ per block
    double g_norm_floor = 1e-7;            ///< (b) median ‖g_L‖ at the mean-loss convention of a 128 batch
    double stability_drift_ceiling = 0.30; ///< (c) mean pairwise cosine of batch-mean gradients at ⌊L/2⌋
    double frozen_acc_margin_pp = 2.0;     ///< (d) points of accuracy above the frozen control
};

} // namespace fa::verdict
