"""What can be said of exported draws without their generator: shapes, laws, scales (design 2, 6)."""
import numpy as np


def check_draws(report, case, draws, trained_feedback):
    """draws: per layer [R, d, C]; trained_feedback: per layer [d, C] or None."""
    where = f"{case.name} draws"
    known = trained_feedback is not None
    scales = [np.sqrt((b**2).mean()) for b in trained_feedback] if known else [d.shape[2]**-0.5 for d in draws]
    slack = 0.0 if known else 0.1  # an unused recorded matrix has that scale nearly
    for layer, (matrices, scale) in enumerate(zip(draws, scales)):
        matrices = matrices.astype(np.float64)
        count = matrices.size
        deviation = np.sqrt((matrices**2).mean())
        report.check(abs(deviation / scale - 1) < slack + 5 / np.sqrt(2 * count),
                     f"{where} {layer}: std {deviation}, not {scale}")
        if "permute" not in case.keys:
            report.check(abs(matrices.mean()) < 5 * scale / np.sqrt(count), f"{where} {layer}: mean {matrices.mean()}")
        check_law(report, f"{where} {layer}", case.keys, matrices, scale,
                  trained_feedback[layer] if known else None)
    if "feedback_shared" in case.keys:
        report.check(all(np.array_equal(draws[0], other) for other in draws[1:]), f"{where}: layers differ")
    else:
        report.check(not np.array_equal(draws[0], draws[1]), f"{where}: layers are equal")


def check_law(report, where, keys, matrices, scale, stored):
    if "uniform" in keys:
        edge = np.abs(matrices).max() / scale
        report.check(0.99 * 3**0.5 < edge < 3**0.5 * 1.000001, f"{where}: largest entry {edge} scales, not √3")
    elif "rademacher" in keys:
        report.check(np.allclose(np.abs(matrices), scale, rtol=1e-6), f"{where}: entries are not ±{scale}")
    elif "permute" in keys:
        same = all(np.array_equal(np.sort(m.ravel()), np.sort(stored.ravel())) for m in matrices)
        report.check(same and not np.array_equal(matrices[0], stored), f"{where}: no permutation of the stored matrix")
    elif "orthogonal" in keys:
        gram = np.einsum("rdc,rde->rce", matrices, matrices) / (scale**2 * matrices.shape[1])
        report.check(np.allclose(gram, np.eye(matrices.shape[2]), atol=1e-5), f"{where}: columns are not orthogonal")
    else:
        kurtosis = (matrices**4).mean() / (matrices**2).mean() ** 2
        report.check(abs(kurtosis - 3) < 0.3, f"{where}: kurtosis {kurtosis}, not 3")
