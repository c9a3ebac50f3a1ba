"""PyTorch's own files against fa::models, bit for bit: python torch_files_agree.py checkpoint_echo"""
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file

import make_pt

# Types that safetensors' Python has no name for in every version are compared as bytes.
warnings.filterwarnings("ignore")


def bits(tensor):
    return tensor.detach().contiguous().flatten().view(torch.uint8)


def run(program, command, *words):
    return subprocess.run([program, command, *map(str, words)], capture_output=True, text=True)


def compare(case, path, program, folder):
    out = folder / "out.safetensors"
    answer = run(program, case.command, path, out, *([case.part] if case.part else []))
    if case.error is not None:
        assert answer.returncode == 1, f"{case.name}: accepted"
        for words in case.error:
            assert words in answer.stderr, f"{case.name}: {words!r} is not in {answer.stderr!r}"
        return
    assert answer.returncode == 0, f"{case.name}: {answer.stderr}"
    read = load_file(out)
    assert read.keys() == case.tensors.keys(), (case.name, read.keys(), case.tensors.keys())
    for name, tensor in case.tensors.items():
        where = (case.name, name)
        assert read[name].dtype == tensor.dtype and read[name].shape == tensor.shape, where
        assert torch.equal(bits(read[name]), bits(tensor)), where
    with safe_open(out, "pt") as file:
        metadata = file.metadata() or {}
    assert case.metadata.items() <= metadata.items(), (case.name, metadata)
    if case.command == "echo":
        header = run(program, "header", path, *([case.part] if case.part else []))
        shapes = [f"{name} {list(tensor.shape)}" for name, tensor in case.tensors.items()]
        assert sorted(header.stdout.splitlines()) == sorted(shapes), (case.name, header)


def rewritten(path, into, change):
    """The zip again, each record through `change(name, bytes) → (bytes, compression)`."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(into, "w") as new:
        for name in old.namelist():
            data, compression = change(name, old.read(name))
            new.writestr(zipfile.ZipInfo(name), data, compression)
    return into


def refused(program, path, folder, *words):
    answer = run(program, "echo", path, folder / "out.safetensors")
    assert answer.returncode == 1, (path, "accepted")
    for word in words:
        assert word in answer.stderr, (path, word, answer.stderr)


def check_containers(program, folder):
    """Zips that torch.save does not write every day."""
    path = folder / "good.pt"
    tensors = {"w": torch.arange(6.0).reshape(2, 3)}
    torch.save(tensors, path)
    stored = zipfile.ZIP_STORED
    case = make_pt.Case("zip", None, tensors)
    plain = rewritten(path, folder / "plain.pt", lambda name, data: (data, stored))
    compare(case, plain, program, folder)
    big = rewritten(path, folder / "big.pt",
                    lambda name, data: (b"big" if name.endswith("byteorder") else data, stored))
    refused(program, big, folder, "byte order is 'big'", "little-endian")
    deflated = rewritten(path, folder / "deflated.pt", lambda name, data: (data, zipfile.ZIP_DEFLATED))
    refused(program, deflated, folder, "compressed")
    short = rewritten(path, folder / "short.pt",
                      lambda name, data: (data[:-1] if name.endswith("data/0") else data, stored))
    refused(program, short, folder, "'w'", "should have 6 elements", "23 bytes")
    raw = path.read_bytes()
    at = raw.index(tensors["w"].numpy().tobytes())
    damaged = folder / "damaged.pt"
    damaged.write_bytes(raw[:at] + b"\xff" + raw[at + 1:])
    refused(program, damaged, folder, "data/0", "CRC")
    torch.serialization.set_crc32_options(False)
    torch.save(tensors, folder / "unchecked.pt")
    torch.serialization.set_crc32_options(True)
    compare(case, folder / "unchecked.pt", program, folder)
    torch.jit.script(torch.nn.Linear(2, 2)).save(folder / "script.pt")
    refused(program, folder / "script.pt", folder, "TorchScript", "torch.save(model.state_dict()")
    zipfile.ZipFile(folder / "other.zip", "w").writestr("a.txt", "text")
    refused(program, folder / "other.zip", folder, "not a torch.save file")


def check_part_of_safetensors(program, folder):
    from safetensors.torch import save_file
    Bs = torch.randn(3, 4, 2)
    save_file({"Bs": Bs, "w": torch.ones(2)} | {f"list.{l}": Bs[l].clone() for l in range(3)}, folder / "b.safetensors")
    expected = {f"feedback.{l}": Bs[l] for l in range(3)}
    for part in ("Bs", "list", "list.{l}"):
        compare(make_pt.Case("safetensors", None, expected if part != "list.{l}" else expected, part=part,
                             command="feedback"), folder / "b.safetensors", program, folder)
    answer = run(program, "echo", folder / "b.safetensors", folder / "out.safetensors", "model")
    assert "no parts" in answer.stderr, answer


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = 0
        for case in make_pt.files():
            compare(case, make_pt.write(case, folder), program, folder)
            count += 1
        check_containers(program, folder)
        check_part_of_safetensors(program, folder)
        print(f"{count} files agree")


main()
