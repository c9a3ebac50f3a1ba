"""The batch scripts: sound shell, one common part, and the training of a zoo (issue 6)."""
import pathlib
import subprocess
import unittest

from slurm_case import SCRIPTS, TESTS, SlurmCase

DATA = TESTS.parent / "examples/data/mnist1d-24k.h5"
BATCH_SCRIPTS = sorted(SCRIPTS.glob("*.sbatch"))


class Scripts(unittest.TestCase):
    def test_they_are_sound_shell(self):
        for script in BATCH_SCRIPTS:
            subprocess.run(["bash", "-n", script], check=True)

    def test_what_they_share_is_the_same(self):
        """Slurm runs a copy of a script in its spool folder, where none finds another: each has it all."""
        def common(script):
            _, rest = script.read_text().split("# --- What follows is the same in", 1)
            return rest.split("# --- Here the common part ends. ---", 1)[0]

        self.assertEqual([script.name for script in BATCH_SCRIPTS], ["array.sbatch", "audit.sbatch", "train.sbatch"])
        self.assertEqual(len({common(script) for script in BATCH_SCRIPTS}), 1)

    def test_files_that_the_container_names_exist(self):
        for line in (SCRIPTS / "fa-harness.def").read_text().split("%files", 1)[1].split("\n%", 1)[0].splitlines():
            if line.strip() and not line.strip().startswith("#"):
                source = line.split()[0]
                self.assertTrue((TESTS.parent / source).exists(), source)


class Training(SlurmCase):
    def test_a_zoo_is_trained_and_a_requeue_keeps_what_is_there(self):
        zoo = self.folder / "zoo.txt"
        zoo.write_text(f"default data={DATA} depth=2 width=24 epochs=1 seed=5\nname=bp method=bp\nname=dfa method=dfa\n")
        for _ in range(2):
            job = self.submit("train.sbatch", zoo, "zoo")
            self.assert_completed(self.cluster.wait_until_ended(job), [0])
        self.assertEqual(sorted(path.name for path in (self.folder / "zoo").glob("*.safetensors")),
                         ["bp.safetensors", "dfa.safetensors"])
        self.assertEqual(self.log().count("already trained"), 2)


if __name__ == "__main__":
    unittest.main()
