"""Checkpoints that torch.save wrote give the very run files of the same tensors in safetensors."""
import argparse
import unittest

import h5py
import tiny_zoo
import torch
from safetensors.torch import load_file
from system_case import NAMES, SystemCase

WIDTH = tiny_zoo.WIDTH


def measurements(path):
    """All numbers of a run file, without what differs by the input's format (hashes, and metadata_crc32 with them)."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()].tobytes()})
                        if isinstance(item, h5py.Dataset) and "/" in name else None)
        assert found, path
        found["feedback_sha256"] = file.attrs["feedback_sha256"]
    return found


class TorchFiles(SystemCase):
    def parts(self, name):
        tensors = load_file(self.folder / f"{name}.safetensors")
        weights = {key: tensor for key, tensor in tensors.items() if not key.startswith("feedback.")}
        Bs = [tensors[key] for key in sorted(tensors) if key.startswith("feedback.")]
        return weights, Bs

    def audit_lines(self, output, *lines):
        manifest = self.write_manifest("default data=data.h5 batch_size=16 batches=8 draws=12 model=resmlp\n"
                                       + "\n".join(lines) + "\n", f"{output}.txt")
        return self.audit(output, manifest=manifest)[0]

    def assert_same_measurements(self, store, other):
        for name in NAMES[:3]:
            self.assertEqual(measurements(store / f"runs/{name}.h5"), measurements(other / f"runs/{name}.h5"), name)

    def test_every_form_of_file_and_feedback_gives_the_same_numbers(self):
        names = NAMES[:3]
        expected = self.audit_lines("expected", *(f"name={name} checkpoint={name}.safetensors" for name in names))
        for name in names:
            weights, Bs = self.parts(name)
            torch.save(weights, self.folder / f"{name}-old.pt", _use_new_zipfile_serialization=False)
            torch.save({"model": weights, "Bs": [B.t() for B in Bs], "epoch": 3,
                        "args": argparse.Namespace(lr=0.1)}, self.folder / f"{name}.pt")
            torch.save(torch.stack(Bs), self.folder / f"{name}-stack.pt")
            torch.save({"net": weights, "Bs": [B.t().numpy() for B in Bs]}, self.folder / f"{name}-np.pt")
            named = {f"blocks.{layer}.B": B for layer, B in enumerate(Bs)}
            torch.save({"net": weights | named, "ema": {"w": torch.ones(2)}}, self.folder / f"{name}-in.pt")
        for output, form in {
                "parts": "name={0} checkpoint={0}.pt:model feedback={0}.pt:Bs",
                "chosen": "name={0} checkpoint={0}.pt feedback={0}-stack.pt",
                "arrays": "name={0} checkpoint={0}-np.pt:net feedback={0}-np.pt:Bs",
                "legacy": "name={0} checkpoint={0}-old.pt feedback={0}.safetensors",
                "pattern": "name={0} checkpoint={0}-in.pt:net feedback=stored:blocks.{{l}}.B"}.items():
            with self.subTest(output):
                store = self.audit_lines(output, *(form.format(name) for name in names))
                self.assert_same_measurements(store, expected)

    def test_the_matrices_of_public_codes_are_found(self):
        """BioTorch's: a [C, inputs] matrix beside every weight, the first layer's the input's; here of a plain MLP."""
        torch.manual_seed(3)
        sizes = [tiny_zoo.FEATURES, 8, 6, tiny_zoo.CLASSES]
        weights, theirs = {}, {}
        for n, (inputs, outputs) in enumerate(zip(sizes, sizes[1:]), start=1):
            weights |= {f"fc{n}.weight": torch.randn(outputs, inputs), f"fc{n}.bias": torch.randn(outputs)}
            theirs |= {f"fc{n}.weight_backward": torch.randn(sizes[-1], inputs), f"fc{n}.bias_backward": torch.ones(2)}
        torch.save({"net": weights, "Bs": [theirs[f"fc{n}.weight_backward"].t() for n in (2, 3)]}, self.folder / "ours.pt")
        torch.save({f"module.{name}": tensor for name, tensor in (weights | theirs).items()}, self.folder / "theirs.pt")
        store = self.audit_lines("public", "default model=mlp activation=relu",
                                 "name=ours checkpoint=ours.pt:net feedback=ours.pt:Bs",
                                 "name=theirs checkpoint=theirs.pt feedback=stored:fc{l+2}.weight_backward "
                                 "ignore=*.bias_backward")
        self.assertIn("gamma/train", measurements(store / "runs/ours.h5"))
        self.assertEqual(measurements(store / "runs/ours.h5"), measurements(store / "runs/theirs.h5"))

    def test_the_plan_names_matrices_that_do_not_fit(self):
        weights, Bs = self.parts(NAMES[0])
        torch.save(weights | {f"B{layer + 1}": B for layer, B in enumerate(Bs)}, self.folder / "shifted.pt")
        manifest = self.write_manifest("default data=data.h5 batch_size=16\n"
                                       "name=shifted checkpoint=shifted.pt feedback=stored:B{l}\n"
                                       "name=right checkpoint=shifted.pt feedback=stored:B{l+1}\n")
        done = self.programs.run("fa-harness", "--manifest", manifest, "--dry-run")
        self.assertEqual(done.returncode, 3)
        self.assertRegex(done.stdout, "shifted +would fail: tensor 'feedback.3' is no feedback matrix of this network")
        self.assertNotRegex(done.stdout, "right +would fail")

    def test_matrices_of_some_layers_leave_the_fresh_part(self):
        """Public codes often have none for the embedding, or none for the last hidden layer."""
        weights, Bs = self.parts(NAMES[0])
        torch.save({"net": weights, "Bs": Bs[:-1]}, self.folder / "few.pt")
        torch.save(weights | {f"blocks.{layer}.B": B for layer, B in enumerate(Bs[1:])}, self.folder / "blocks.pt")
        torch.save({"net": weights, "Bs": Bs[1:]}, self.folder / "short.pt")
        torch.save(weights, self.folder / "none.pt")
        store = self.audit_lines("some", "default data=data.h5",
                                 "name=list checkpoint=few.pt:net feedback=few.pt:Bs",
                                 "name=short checkpoint=short.pt:net feedback=short.pt:Bs.{l-1}",
                                 "name=blocks checkpoint=blocks.pt feedback=stored:blocks.{l-1}.B",
                                 "name=unknown checkpoint=none.pt")
        for name, missing in (("list", f"the file has no feedback matrix of layer {len(Bs) - 1}"),
                              ("short", "the file has no feedback matrix of layer 0"),
                              ("blocks", "the checkpoint stores no feedback matrix of layer 0")):
            with h5py.File(store / f"runs/{name}.h5") as file:
                self.assertEqual(file["gamma"].attrs["train_reason"], f"{missing}, though of others")
            self.assertEqual(measurements(store / f"runs/{name}.h5"), measurements(store / "runs/unknown.h5"))

    def test_the_plan_reads_headers_of_parts(self):
        weights, _ = self.parts(NAMES[0])
        torch.save({"model": weights}, self.folder / "a.pt")
        manifest = self.write_manifest("checkpoint=a.pt:model data=data.h5 batch_size=16\n"
                                       "name=b checkpoint=a.pt:net data=data.h5 batch_size=16\n")
        done = self.programs.run("fa-harness", "--manifest", manifest, "--dry-run")
        self.assertIn(f"1 run of resmlp-{tiny_zoo.DEPTH}x{WIDTH}, {tiny_zoo.CLASSES} classes", done.stdout, done.stderr)
        self.assertIn("the file has no 'net'; it is a dict of 1: 'model'", done.stdout + done.stderr)

    def test_a_pickled_module_is_refused_and_the_others_finish(self):
        torch.save(torch.nn.Linear(2, 2), self.folder / "module.pt")
        manifest = self.write_manifest(tiny_zoo.manifest(NAMES) + "name=m checkpoint=module.pt data=data.h5\n")
        store, done = self.audit(manifest=manifest, expect=3)
        self.assertIn("torch.save(model.state_dict()", done.stdout + done.stderr)
        self.assertEqual(sorted(path.stem for path in (store / "runs").glob("*.h5")), NAMES)


if __name__ == "__main__":
    unittest.main()
