"""Options and exit codes (design 4)."""
import unittest

from system_case import SystemCase


class CommandLine(SystemCase):
    def run_program(self, program, *arguments, expect=0, ranks=0):
        done = self.programs.run(program, *arguments, ranks=ranks)
        self.assertEqual(done.returncode, expect, done.stdout + done.stderr)
        return done

    def test_help_names_the_options_and_their_defaults(self):
        text = self.run_program("fa-harness", "--help").stdout
        for word in ("--manifest", "--output", "--precision", "--keep", "--ranks-per-run", "--segment-work", "--retry", "--fail-on",
                     "--config", "--dry-run", "--export-draws", "--g-norm-floor", "1e-7", "float64"):
            self.assertIn(word, text)
        for program in ("fa-report", "fa-train"):
            self.assertIn("--config", self.run_program(program, "--help").stdout)

    def test_version_names_what_is_linked(self):
        text = self.run_program("fa-harness", "--version").stdout
        for word in ("fa-harness", "LibTorch", "HDF5", "Open MPI", "Boost"):
            self.assertIn(word, text)
        self.assertIn("HDF5", self.run_program("fa-report", "--version").stdout)
        self.run_program("fa-train", "--version")

    def test_wrong_usage_ends_with_2(self):
        for program in ("fa-harness", "fa-report", "fa-train"):
            self.assertIn("--nonsense", self.run_program(program, "--nonsense", expect=2).stderr)
            self.run_program(program, expect=2)
        self.run_program("fa-harness", "--manifest", self.manifest, "--keep", "nothing", expect=2)
        self.run_program("fa-harness", "--manifest", self.manifest, "--fail-on", "xyz", expect=2, ranks=2)

    def test_a_dry_run_prints_the_plan_and_makes_nothing(self):
        _, done = self.audit("nothing", "--dry-run")
        self.assertFalse((self.folder / "nothing").exists())
        for name in ("run-0", "run-3"):
            self.assertIn(name, done.stdout)

    def test_a_dry_run_plans_for_ranks_that_are_not_there(self):
        _, done = self.audit("nothing", "--dry-run", "--ranks", "1024")
        for words in ("1024 ranks in ", "Gflop a rank", "idle", "between ranks", "of store", "a rank at most"):
            self.assertIn(words, done.stdout)
        self.assertFalse((self.folder / "nothing").exists())

    def test_ranks_without_a_dry_run_is_wrong_usage(self):
        done = self.run_program("fa-harness", "--manifest", self.manifest, "--ranks", "4", expect=2)
        self.assertIn("--dry-run", done.stderr)
        self.assertIn("mpirun", done.stderr)
        self.run_program("fa-harness", "--manifest", self.manifest, "--dry-run", "--ranks", "0", expect=2)

    def test_a_segments_work_must_be_a_number(self):
        for value in ("-1", "nan", "much"):
            done = self.run_program("fa-harness", "--manifest", self.manifest, f"--segment-work={value}", expect=2)
            self.assertIn("segment-work", done.stderr)

    def test_options_may_stand_in_a_file(self):
        config = self.folder / "audit.cfg"
        config.write_text(f"manifest={self.manifest}\noutput={self.folder}/store\ng_norm_floor=1e9\nfail-on=b\n")
        self.run_program("fa-harness", "--config", config, expect=4)
        self.assertTrue((self.folder / "store/runs/run-0.h5").exists())
        self.run_program("fa-harness", "--config", config, "--fail-on", "a")  # the command line wins

    def test_fail_on_ends_with_4_if_a_verdict_matches(self):
        self.audit("store", "--g-norm-floor", "1e9", "--fail-on", "b", expect=4)
        self.audit("store", "--g-norm-floor", "1e9", "--fail-on", "any", ranks=2, expect=4)
        self.audit("store", "--h_norm_explosion_ratio", "1e9", "--fail-on", "a")
        self.report(self.folder / "store", "--g-norm-floor", "1e9", "--fail-on", "b", expect=4)


if __name__ == "__main__":
    unittest.main()
