"""The batch scripts: sound shell, one common part, and the training of a zoo (issue 6)."""
import re
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

    def files_of_the_container(self):
        lines = (SCRIPTS / "fa-harness.def").read_text().split("%files", 1)[1].split("\n%", 1)[0].splitlines()
        return [line.split()[0] for line in lines if line.strip() and not line.strip().startswith("#")]

    def test_files_that_the_container_names_exist(self):
        for source in self.files_of_the_container():
            self.assertTrue((TESTS.parent / source).exists(), source)

    def test_the_container_gets_every_folder_that_the_build_enters(self):
        build = (TESTS.parent / "CMakeLists.txt").read_text()
        rooms = re.search(r"^set\(rooms ([^)]*)\)", build, re.MULTILINE)[1].split()
        rooms += re.findall(r"add_subdirectory\((\w+)\)", build)
        self.assertIn("reporting", rooms)
        self.assertEqual(set(rooms) - set(self.files_of_the_container()), set())


class Training(SlurmCase):
    def train(self, recipes):
        """A job that finds fa-train by a set-up file, as a module would bring it."""
        (self.folder / "zoo.txt").write_text(f"default data={DATA} depth=2 width=24 seed=5\n{recipes}")
        setup = self.folder / "setup.sh"
        setup.write_text(f"PATH={self.programs.path('fa-train').parent}:$PATH\n")
        return self.cluster.submit(self.folder, SCRIPTS / "train.sbatch", "zoo.txt", "zoo", FA_SETUP=str(setup))

    def checkpoints(self):
        return {path.stem: path.stat().st_ino for path in (self.folder / "zoo").glob("*.safetensors")}

    def test_a_zoo_is_trained_once(self):
        for _ in range(2):
            job = self.train("name=bp method=bp epochs=1\nname=dfa method=dfa epochs=1\n")
            self.assert_completed(self.cluster.wait_until_ended(job), [0])
        self.assertEqual(set(self.checkpoints()), {"bp", "dfa"})
        self.assertEqual(self.log().count("already trained"), 2)

    def test_a_warned_training_is_requeued_and_keeps_its_checkpoints(self):
        job = self.train("name=short method=bp epochs=1\nname=long method=bp epochs=40\n")
        self.cluster.wait_for(self.checkpoints, 60, "no checkpoint was written")
        before = self.checkpoints()
        self.assertEqual(set(before), {"short"}, "the blow comes too late for this test to mean anything")
        self.cluster.run("scancel", "--signal=USR1", "--batch", job)
        self.assert_completed(self.cluster.wait_until_ended(job), [1])
        self.assertEqual(self.checkpoints()["short"], before["short"])
        self.assertEqual(set(self.checkpoints()), {"short", "long"})


if __name__ == "__main__":
    unittest.main()
