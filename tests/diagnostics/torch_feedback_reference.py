"""`feedback=seed:torch:N` against PyTorch itself: the three lines that training_feedback.hpp gives a Python user.

    torch_feedback_reference.py PROGRAM    compares with the hashes that PROGRAM (torch_feedback_dump) prints
"""

import hashlib
import subprocess
import sys

import torch


def feedback(seed, widths, classes, scale, shared):
    generator = torch.Generator().manual_seed(seed)
    if shared:
        return [torch.randn(widths[0], classes, generator=generator) * scale[0]] * len(widths)
    return [torch.randn(d, classes, generator=generator) * std for d, std in zip(widths, scale)]


lines = subprocess.run([sys.argv[1]], check=True, capture_output=True, text=True).stdout.splitlines()
assert len(lines) >= 10, "the program printed too little"
for line in lines:
    head, expected = line.split(" : ")
    seed, classes, shared, *rest = head.split()
    layers = len(rest) // 2
    widths, scale = [int(word) for word in rest[:layers]], [float.fromhex(word) for word in rest[layers:]]
    matrices = feedback(int(seed), widths, int(classes), scale, shared == "1")
    actual = hashlib.sha256(b"".join(matrix.numpy().astype("<f4").tobytes() for matrix in matrices)).hexdigest()
    if actual != expected:
        sys.exit(f"{head}: fa-harness draws {expected}, PyTorch {torch.__version__} {actual}")
print(f"{len(lines)} sets of feedback matrices agree with PyTorch {torch.__version__}")
