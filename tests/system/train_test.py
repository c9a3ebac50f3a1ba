"""fa-train, and the audit of what it trains: files that Python opens, the same for any number of ranks (issue 3)."""
import unittest

import h5py
import numpy as np
import torch
from safetensors import safe_open

from system_case import TESTS, SystemCase  # first: it finds the module below
from checkpoints import Block

DATA = TESTS.parent / "examples/data/mnist1d-24k.h5"
ZOO = f"""default data={DATA} depth=2 width=24 epochs=1 seed=5
name=bp method=bp
name=dfa method=dfa
name=ep method=ep
name=frozen method=frozen
name=fa method=fa
name=sb method=sb bridge_width=16
name=cb method=cb bridge_width=16
"""


class Network(torch.nn.Module):
    """The equivalent PyTorch module."""

    def __init__(self, state):
        super().__init__()
        width, features = state["embed.weight"].shape
        self.embed = torch.nn.Linear(features, width)
        self.blocks = torch.nn.ModuleList(Block(width) for _ in range(2))
        self.out_ln = torch.nn.LayerNorm(width)
        self.head = torch.nn.Linear(width, 10)

    def forward(self, x):
        h = self.embed(x)
        for block in self.blocks:
            h = h + block(h)
        return self.head(self.out_ln(h))


def opened(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


class Train(SystemCase):
    def train(self, output, ranks):
        zoo = self.write_manifest(ZOO, "zoo.txt")
        done = self.programs.run("fa-train", "--zoo", zoo, "--output", self.folder / output, ranks=ranks, timeout=200)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return self.folder / output

    def test_zoo_files_open_in_python_and_audit(self):
        zoo = self.train("zoo", 2)
        names = ("bp", "dfa", "ep", "frozen", "fa", "sb", "cb")
        credits = {name: name for name in ("ep", "fa", "sb", "cb")}
        default = f"default data={DATA} batches=8 batch_size=32 draws=20 frozen=frozen\n"
        lines = [f"name={name} checkpoint=zoo/{name}.safetensors method={name} credit={credits.get(name, 'dfa')}"
                 for name in names if name != "frozen"]
        lines.append("name=frozen checkpoint=zoo/frozen.safetensors method=frozen frozen=none")
        store, _ = self.audit(manifest=self.write_manifest(default + "\n".join(lines), "zoo-runs.txt"), ranks=2)
        with h5py.File(DATA) as file:
            inputs, labels = torch.from_numpy(file["test/x"][:]), file["test/y"][:]
        for name in names:
            state, metadata = opened(zoo / f"{name}.safetensors")
            for key in ("method", "seed", "recipe"):
                self.assertTrue(metadata[key], f"{name}: {key}")
            feedback = {key for key in state if key.startswith("feedback.")}
            self.assertEqual(feedback, {f"feedback.{layer}" for layer in range(3)} if name in ("bp", "dfa", "fa") else set())
            if feedback:
                self.assertEqual(len(metadata["feedback_sha256"]), 64)
            network = Network(state).double()
            besides = ("feedback.", "bridge.")
            network.load_state_dict({key: tensor for key, tensor in state.items() if not key.startswith(besides)})
            self.assertEqual(metadata.get("credit"), credits.get(name, None if name == "frozen" else "dfa"))
            right = (network(inputs.double()).argmax(1).numpy() == labels).astype(np.uint8)
            with h5py.File(store / f"runs/{name}.h5") as file:
                np.testing.assert_array_equal(file["accuracy/correct"][:], right)
                self.assertEqual("train" in file["gamma"], name != "frozen")
                self.assertEqual("fresh" in file["gamma"], name in ("bp", "dfa", "fa", "frozen"))

    def test_zoo_files_do_not_depend_on_the_ranks(self):
        alone, together = self.train("alone", 0), self.train("together", 3)
        for name in ("bp", "dfa", "ep", "frozen", "fa", "sb", "cb"):
            self.assertEqual((alone / f"{name}.safetensors").read_bytes(), (together / f"{name}.safetensors").read_bytes(), name)


if __name__ == "__main__":
    unittest.main()
