"""A data set and checkpoints so small that an audit takes a blink."""
import h5py
import numpy as np
import torch
from safetensors.torch import save_file

FEATURES, CLASSES, WIDTH, DEPTH = 6, 4, 16, 2
TEST_SAMPLES = 150


def write_data(path, classes=CLASSES, test_samples=TEST_SAMPLES):
    random = np.random.default_rng(1)
    with h5py.File(path, "w") as file:
        for split, samples in (("train", 64), ("test", test_samples)):
            file[f"{split}/x"] = random.normal(size=(samples, FEATURES)).astype(np.float32)
            file[f"{split}/y"] = (np.arange(samples) % classes).astype(np.uint8)


def state(seed, width=WIDTH, depth=DEPTH):
    """Random weights under the names of our ResMLP."""
    generator = torch.Generator().manual_seed(seed)

    def linear(name, outputs, inputs):
        bound = inputs**-0.5
        return {f"{name}.weight": (2 * torch.rand(outputs, inputs, generator=generator) - 1) * bound,
                f"{name}.bias": (2 * torch.rand(outputs, generator=generator) - 1) * bound}

    def norm(name):
        return {f"{name}.weight": torch.ones(width), f"{name}.bias": torch.zeros(width)}

    tensors = linear("embed", width, FEATURES) | norm("out_ln") | linear("head", CLASSES, width)
    for block in range(depth):
        tensors |= norm(f"blocks.{block}.ln")
        tensors |= linear(f"blocks.{block}.fc1", width, width) | linear(f"blocks.{block}.fc2", width, width)
    return tensors


def feedback(seed, width=WIDTH, depth=DEPTH):
    generator = torch.Generator().manual_seed(seed)
    return {f"feedback.{layer}": torch.randn(width, CLASSES, generator=generator) / CLASSES**0.5
            for layer in range(depth + 1)}


def save(path, tensors):
    # One entry: safetensors writes several in an order of its own each time, and tests compare the runs' bytes.
    save_file(tensors, path, metadata={"model": "resmlp"})


def write_zoo(folder, runs=4, width=WIDTH, depth=DEPTH):
    """data.h5 and run-0.safetensors …; the last has no feedback matrices."""
    write_data(folder / "data.h5")
    for run in range(runs):
        matrices = {} if run == runs - 1 else feedback(50 + run, width, depth)
        save(folder / f"run-{run}.safetensors", state(run, width, depth) | matrices)


def manifest(names, keys="", default=""):
    """A manifest's text; every run's checkpoint has its name."""
    lines = [f"default data=data.h5 batch_size=8 batches=9 draws=21 draw_seed=3 {default}"]
    return "\n".join(lines + [f"name={name} checkpoint={name}.safetensors {keys}" for name in names]) + "\n"
