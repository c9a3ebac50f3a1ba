"""`cmake --install` gives programs that run from anywhere."""
import os
import subprocess
import unittest

from system_case import SystemCase


class Install(SystemCase):
    def test_installed_programs_run_from_anywhere(self):
        prefix = self.folder / "prefix"
        subprocess.run(["cmake", "--install", os.environ["FA_BUILD"], "--prefix", prefix], check=True,
                       stdout=subprocess.DEVNULL)
        scripts = prefix / "share/fa-harness/slurm"
        self.assertEqual(sorted(path.name for path in scripts.iterdir()),
                         ["README.md", "array.sbatch", "audit.sbatch", "train.sbatch"])
        for program in ("fa-harness", "fa-report", "fa-train"):
            for path, word in ((f"man/man1/{program}.1", ".TH"), (f"bash-completion/completions/{program}", "complete -F"),
                               (f"zsh/site-functions/_{program}", "#compdef")):
                self.assertIn(word, (prefix / "share" / path).read_text())
        bare = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder)}
        for program in ("fa-harness", "fa-report", "fa-train"):
            done = subprocess.run([prefix / "bin" / program, "--version"], cwd="/", env=bare, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)
        subprocess.run([prefix / "bin/fa-harness", "--manifest", self.manifest, "--output", self.folder / "store"],
                       cwd="/", env=bare, check=True, stdout=subprocess.DEVNULL)
        self.assert_only_finished_runs(self.folder / "store")


if __name__ == "__main__":
    unittest.main()
