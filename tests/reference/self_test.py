#!/usr/bin/env python3
"""The reference's own checks: closed forms and finite differences, without any program of ours."""
import types
import unittest

import numpy as np
import torch

import checkpoints as make
import measures
from audit import audit
from model import Checkpoint, forward, loss_of
from strategies import evaluate, iqm
from summaries import against_fresh, p_over_layers, quantile, spread
from vectors import cosine, norm
from verdicts import drift, scale, useful_blocks

SAMPLES, FEATURES = 12, 40


def problem(seed=1):
    torch.manual_seed(seed)
    network = make.ResMLP(FEATURES)
    state = {name: tensor.detach() for name, tensor in network.state_dict().items()}
    return network, Checkpoint(state, {}), torch.randn(SAMPLES, FEATURES), torch.randint(0, 10, (SAMPLES,))


class Model(unittest.TestCase):
    def test_forward_is_the_modules(self):
        network, checkpoint, inputs, _ = problem()
        self.assertLess((forward(checkpoint, inputs.double())[0] - network.double()(inputs.double())).abs().max(), 1e-12)

    def test_a_plain_mlp_is_the_sequential_module(self):
        tensors = make.mlp(FEATURES, (7, 5))
        linear = [torch.nn.Linear(FEATURES, 7), torch.nn.Linear(7, 5), torch.nn.Linear(5, make.CLASSES)]
        for number, layer in enumerate(linear):
            layer.load_state_dict({key: tensors[f"layers.{number}.{key}"] for key in ("weight", "bias")})
        network = torch.nn.Sequential(linear[0], torch.nn.Tanh(), linear[1], torch.nn.Tanh(), linear[2]).double()
        inputs = torch.randn(SAMPLES, FEATURES).double()
        for states, ends in (("post", (2, 4)), ("pre", (1, 3))):
            logits, hidden = forward(Checkpoint(tensors, {"model": "mlp", "hidden_states": states}), inputs)
            self.assertLess((logits - network(inputs)).abs().max(), 1e-12)
            for h, end in zip(hidden, ends):
                self.assertLess((h - network[:end](inputs)).abs().max(), 1e-12)

    def test_loss_is_pytorchs(self):
        _, checkpoint, inputs, labels = problem()
        logits = forward(checkpoint, inputs.double())[0]
        own = torch.nn.functional.cross_entropy(logits, labels, reduction="none")
        self.assertLess((loss_of(logits, labels, "cross_entropy") - own).abs().max(), 1e-12)

    def test_error_of_a_saturated_softmax_keeps_its_digits(self):
        logits = torch.tensor([[100.0, 0.0, -1.0]], dtype=torch.float64, requires_grad=True)
        loss_of(logits, torch.tensor([0]), "cross_entropy").sum().backward()
        others = np.exp([-100.0, -101.0])
        np.testing.assert_allclose(logits.grad.numpy()[0], [-others.sum(), *others], rtol=1e-12)

    def test_gradient_is_the_finite_difference(self):
        _, checkpoint, inputs, labels = problem()
        for loss in ("cross_entropy", "mse"):
            batch = measures.probe(checkpoint, inputs.double(), labels, loss, "dfa")
            step = 1e-6
            shift = torch.zeros(48, dtype=torch.float64)
            shift[5] = step
            moved = dict(checkpoint.tensors)  # h_0 = W x + b: moving b moves h_0
            values = []
            for sign in (1, -1):
                moved["embed.bias"] = checkpoint.tensors["embed.bias"].double() + sign * shift
                values.append(measures.probe(Checkpoint(moved, {}), inputs.double(), labels, loss, "dfa").loss)
            difference = (values[0] - values[1]) / (2 * step)
            self.assertLess((difference - batch.gradient[0][:, 5]).abs().max(), 1e-7)


class Vectors(unittest.TestCase):
    def test_norm_survives_tiny_and_huge_entries(self):
        rows = torch.tensor([[3e-200, 4e-200], [3e200, 4e200], [0.0, 0.0]], dtype=torch.float64)
        np.testing.assert_allclose(norm(rows).numpy(), [5e-200, 5e200, 0.0], rtol=1e-14)

    def test_cosine_is_undefined_for_zero_and_infinite_rows(self):
        rows = torch.tensor([[1.0, 1.0], [0.0, 0.0], [float("inf"), 1.0]], dtype=torch.float64)
        other = torch.tensor([[1.0, 0.0]] * 3, dtype=torch.float64)
        np.testing.assert_allclose(cosine(rows, other).numpy(), [0.5**0.5, np.nan, np.nan])


class Summaries(unittest.TestCase):
    def test_quantiles_are_numpys_linear_ones(self):
        values = np.random.default_rng(1).normal(size=37)
        for probability in (0.025, 0.5, 0.975):
            self.assertAlmostEqual(quantile(values, probability), np.quantile(values, probability), places=14)

    def test_iqm_of_known_values(self):
        self.assertEqual(iqm(np.array([100.0, 1.0, 2.0, 3.0, -50.0])), 2.0)
        self.assertEqual(iqm(np.array([1.0, 2.0, 6.0])), 3.0)

    def test_p_counts_both_tails(self):
        row = against_fresh(0.5, np.array([-0.6, 0.1, 0.2, np.nan]))
        self.assertAlmostEqual(row["p"], 2 / 4)

    def test_p_over_layers_takes_the_worst_layer(self):
        fresh = np.random.default_rng(2).normal(size=(99, 3))
        self.assertEqual(p_over_layers(np.array([0.0, 0.0, 50.0]), fresh), 0.01)

    def test_spread_has_no_ratio_over_two_signs(self):
        self.assertTrue(np.isnan(spread([-1.0, 2.0, 3.0])["ratio"]))
        self.assertEqual(spread([-1.0, 2.0, 3.0])["sign_flips"], 1)
        self.assertEqual(spread([-1.0, -4.0])["ratio"], 4.0)


class Verdicts(unittest.TestCase):
    def test_useful_blocks_interval_is_mcnemars(self):
        run, control = np.array([1] * 60 + [0] * 40), np.array([0] * 30 + [1] * 30 + [1] * 10 + [0] * 30)
        margin, half, fires = useful_blocks(run, control)
        self.assertAlmostEqual(margin, 20.0)
        self.assertAlmostEqual(half, 100 * 1.96 * np.sqrt(40 - 400 / 100) / 100)
        self.assertFalse(fires)

    def test_drift_needs_eight_batches(self):
        self.assertIsNone(drift(np.eye(7)))
        self.assertEqual(drift(np.ones((8, 8)))[0], 1.0)
        self.assertTrue(drift(np.ones((8, 8)))[2])

    def test_one_infinite_state_fires_scale(self):
        hidden = np.ones((4, 3))
        self.assertIsNone(scale(hidden)[2])
        hidden[2, 1] = np.inf
        self.assertEqual(scale(hidden)[2], "a:non-finite")
        self.assertEqual(scale(np.array([[1.0, 50.0, 2600.0]]))[2], "a")


class Strategies(unittest.TestCase):
    def test_known_values(self):
        gamma = np.array([[[0.0, 0.4], [0.2, 0.4]], [[0.4, 0.4], [1.0, 0.8]]])
        vector = np.array([[0.1, 0.3], [0.5, 0.7]])
        values = evaluate(gamma, vector, vector, np.array([0.2, 0.4, np.nan, 0.6]))
        wanted = {
            "pooled=mean,layers=mean": 0.45,
            "pooled=median,layers=mean": 0.35,
            "layers=mean,pooled=median": 0.35,
            "samples=mean,batches=median,layers=mean": 0.45,
            "pooled=iqm,layers=mean": 0.35,
            "batchvec,batches=mean,layers=mean": 0.4,
            "concat,pooled=mean": 0.4,
            "pooled=mean,blocks=mean": 0.5,
        }
        for text, value in wanted.items():
            self.assertAlmostEqual(values[text], value, msg=text)
        self.assertEqual(len(values), 14)

    def test_an_undefined_layer_leaves_only_what_needs_no_layers(self):
        gamma = np.full((2, 2, 2), 0.5)
        gamma[:, :, 0] = np.nan
        vector = np.full((2, 2), 0.5)
        values = evaluate(gamma, vector, vector, np.full(4, 0.5))
        self.assertTrue(np.isnan(values["pooled=mean,layers=mean"]) and np.isnan(values["layers=mean,pooled=median"]))
        self.assertEqual(values["pooled=mean,blocks=mean"], 0.5)


class Datasets(unittest.TestCase):
    def test_histogram_edges(self):
        counts = measures.histogram(np.array([[-1.0], [1.0], [0.0], [1.0000001], [np.nan]]))
        self.assertEqual((counts[0, 0], counts[0, 2047], counts[0, 1024], counts.sum()), (1, 2, 1, 4))

    def test_lost_share_counts_nonzero_entries(self):
        rows = torch.tensor([[1.0, 1e-9, 0.0, 1e-300], [0.0] * 4, [float("inf"), 0.0, 0.0, 0.0]], dtype=torch.float64)
        np.testing.assert_allclose(measures.lost_share(rows, torch.float16).numpy(), [2 / 3, np.nan, np.nan])

    def test_clamps_differ_where_one_norm_is_tiny(self):
        batch = measures.Batch([], [torch.tensor([[1.28e-8, 0.0]], dtype=torch.float64)],
                               torch.tensor([[128.0]], dtype=torch.float64), None, torch.tensor([0]), "dfa")
        feedback = [torch.tensor([[1000.0], [0.0]], dtype=torch.float64)]
        self.assertAlmostEqual(float(measures.clamped(batch, feedback, "old")), 1.0)
        self.assertAlmostEqual(float(measures.clamped(batch, feedback, "new")), 0.01)

    def test_credit_along_the_gradient_gives_one_everywhere(self):
        _, checkpoint, inputs, labels = problem()
        batch = measures.probe(checkpoint, inputs.double(), labels, "mse", "dfa")
        batch.gradient = [2.0 * a for a in measures.credit(batch, [torch.eye(10).double()] * 5)]
        for value in measures.alignments(batch, [torch.eye(10).double()] * 5).values():
            self.assertLess((value - 1).abs().max(), 1e-14)

    def test_an_audit_is_complete(self):
        _, checkpoint, inputs, labels = problem()
        options = types.SimpleNamespace(batches=3, batch_size=4, credit="dfa", loss="cross_entropy", keep="samples",
                                        settings=None, feedback=[torch.randn(48, 10).double() for _ in range(5)])
        draws = [np.random.default_rng(layer).normal(size=(2, 48, 10)).astype(np.float32) for layer in range(5)]
        data = audit(checkpoint, inputs.double(), labels, np.arange(12), options, draws)
        self.assertEqual(data["gamma/fresh"].shape, (2, 12, 5))
        self.assertEqual(data["gamma/train"].shape, (12, 5))
        self.assertLess(np.abs(data["pitfalls/float32_gamma"] - data["gamma/train"]).max(), 1e-3)
        self.assertEqual(len(data), 26)


if __name__ == "__main__":
    unittest.main()
