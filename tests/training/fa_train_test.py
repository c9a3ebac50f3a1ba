"""fa-train as a user starts it, alone and under mpirun: python fa_train_test.py fa-train SOURCE_FOLDER"""
import sys
import tempfile
from pathlib import Path

import h5py
from safetensors import safe_open
from safetensors.torch import load_file

PROGRAM, SOURCE = Path(sys.argv[1]), Path(sys.argv[2])
sys.path.insert(0, str(SOURCE / "tests" / "support"))
from programs import Programs  # noqa: E402

ZOO = f"""# small networks, seconds
default data={SOURCE}/examples/data/mnist1d-24k.h5 batch_size=1000 width=16 depth=2 epochs=2 seed=5
name=bp method=bp
name=dfa method=dfa lr=1e-3 epochs=3
name=ep method=ep epochs=1 ep_steps=3
name=frozen method=frozen
"""


def train(programs, *arguments, ranks=0, expect=0):
    done = programs.run("fa-train", *arguments, ranks=ranks, timeout=120)
    assert done.returncode == expect, (done.returncode, done.stdout, done.stderr)
    return done


def bytes_in(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def check_division(programs, folder):
    """Any number of ranks gives the same files, and nothing else."""
    train(programs, "--zoo", folder / "zoo.txt", "--output", folder / "alone")
    alone = bytes_in(folder / "alone")
    assert sorted(alone) == [f"{name}.safetensors" for name in ("bp", "dfa", "ep", "frozen")], sorted(alone)
    for ranks in (1, 2, 3):
        done = train(programs, "--zoo", folder / "zoo.txt", "--output", folder / f"by{ranks}", ranks=ranks)
        assert bytes_in(folder / f"by{ranks}") == alone, ranks
        assert done.stdout.count("epoch ") == 2 + 3 + 1 + 2, done.stdout


def check_command_line(programs, folder):
    """One run by options is the zoo's run."""
    train(programs, "--method", "dfa", "--seed", 5, "--lr", "1e-3", "--epochs", 3, "--batch-size", 1000, "--width", 16,
          "--depth", 2, "--data", SOURCE / "examples/data/mnist1d-24k.h5", "--output", folder / "one.safetensors")
    assert (folder / "one.safetensors").read_bytes() == (folder / "alone/dfa.safetensors").read_bytes()


def check_restart(programs, folder):
    """What is there is kept, what is missing or broken is trained; the second time nothing is."""
    whole = bytes_in(folder / "alone")
    (folder / "alone/bp.safetensors").unlink()
    (folder / "alone/ep.safetensors").write_bytes(whole["ep.safetensors"][:-1])
    done = train(programs, "--zoo", folder / "zoo.txt", "--output", folder / "alone", ranks=2)
    assert done.stdout.count("already trained") == 2, done.stdout
    assert bytes_in(folder / "alone") == whole
    done = train(programs, "--zoo", folder / "zoo.txt", "--output", folder / "alone")
    assert done.stdout.count("already trained") == 4 and "epoch" not in done.stdout, done.stdout


def check_record(folder):
    """Python reads names, shapes and metadata."""
    tensors = load_file(folder / "alone/dfa.safetensors")
    assert tensors["feedback.2"].shape == (16, 10) and tensors["embed.weight"].shape == (16, 40)
    with safe_open(folder / "alone/dfa.safetensors", "pt") as file:
        metadata = file.metadata()
    assert metadata["method"] == "dfa" and metadata["feedback_used"] == "true", metadata
    assert [float(s) for s in metadata["feedback_std"].split(",")] == [10 ** -0.5] * 3, metadata


def check_mistakes(programs, folder):
    """Wrong usage: 2, every mistake once whatever the ranks, nothing made. Failed work: 1, the others finish."""
    (folder / "bad.txt").write_text("name=a method=bpp seed=1 data=nowhere.h5\nname=b method=bp sed=1 data=x\n")
    for ranks in (0, 3):
        done = train(programs, "--zoo", folder / "bad.txt", "--output", folder / "none", ranks=ranks, expect=2)
        assert done.stderr.count("bad.txt:1: method=bpp is not one of") == 1, done.stderr
        assert done.stderr.count("bad.txt:2: unknown key 'sed' (did you mean 'seed'?)") == 1, done.stderr
        assert not (folder / "none").exists()
    (folder / "not.h5").write_text("no HDF5")
    (folder / "half.txt").write_text(ZOO + "name=broken method=bp data=not.h5 epochs=1\n")
    done = train(programs, "--zoo", folder / "half.txt", "--output", folder / "alone", expect=1)
    assert "broken: " in done.stderr and "not.h5" in done.stderr, done.stderr
    assert done.stdout.count("already trained") == 4, done.stdout
    assert train(programs, "--version").stdout.startswith("fa-train ")
    assert "--ep-beta" in train(programs, "--help", ranks=2).stdout


def check_failure_beside_work(programs, folder):
    """A rank whose only run fails at once ends neither the other rank's training nor its own waiting: 1 at the end."""
    with h5py.File(SOURCE / "examples/data/mnist1d-24k.h5") as whole, h5py.File(folder / "unlabelled.h5", "w") as part:
        for name in ("train/x", "test/x", "test/y"):
            part[name] = whole[name][:2000]
    for bad_epochs, bad_rank in ((1000, 0), (1, 1)):  # the costlier run falls to rank 0
        output = folder / f"beside{bad_rank}"
        (folder / "beside.txt").write_text(
            "default batch_size=1000 width=16 depth=2 seed=5 method=bp\n"
            f"name=bad data=unlabelled.h5 epochs={bad_epochs}\n"
            f"name=good data={SOURCE}/examples/data/mnist1d-24k.h5 epochs=120\n")
        done = train(programs, "--zoo", folder / "beside.txt", "--output", output, ranks=2, expect=1)
        assert done.stderr.count("bad: ") == 1 and "train/y" in done.stderr, done.stderr
        assert done.stdout.count("epoch ") == 120, done.stdout
        assert list(bytes_in(output)) == ["good.safetensors"], list(output.iterdir())
        with safe_open(output / "good.safetensors", "pt") as file:
            assert file.metadata()["method"] == "bp"


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programs = Programs(PROGRAM.parent, folder)
        (folder / "zoo.txt").write_text(ZOO)
        check_division(programs, folder)
        check_command_line(programs, folder)
        check_restart(programs, folder)
        check_record(folder)
        check_mistakes(programs, folder)
        check_failure_beside_work(programs, folder)


main()
