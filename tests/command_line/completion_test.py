"""Completion in a real bash: completion_test.py PROGRAM…"""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from programs_help import options_of, text_of

if not shutil.which("bash"):
    print("skipped: bash is not installed")
    sys.exit(77)
PROGRAMS = {pathlib.Path(program).name: program for program in sys.argv[1:]}


class Completion(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "audit of mine").mkdir()
        (self.folder / "audience.txt").write_text("")

    def bash(self, program, script):
        (self.folder / "completion").write_text(text_of(PROGRAMS[program], "--help-as", "bash"))
        done = subprocess.run(["bash", "--norc", "--noprofile", "-euc", "source ./completion\n" + script], cwd=self.folder,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.splitlines()

    def complete(self, *words):
        """What bash offers for the last of these words."""
        quoted = " ".join("'" + word + "'" for word in words)
        return self.bash(words[0], f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}\n"
                         f"function=$(complete -p {words[0]}); function=${{function#*-F }}; function=${{function%% *}}\n"
                         "\"$function\"\n((${#COMPREPLY[@]} == 0)) || printf '%s\\n' \"${COMPREPLY[@]}\"")

    def test_all_options_are_offered(self):
        for program, path in PROGRAMS.items():
            self.assertEqual(set(self.complete(program, "--")), {"--" + option for option in options_of(path)})

    def test_a_beginning_narrows_them(self):
        for program in PROGRAMS:
            self.assertEqual(self.complete(program, "--con"), ["--config"])

    def test_an_option_of_a_file_offers_files(self):
        for program in PROGRAMS:
            self.assertEqual(sorted(self.complete(program, "--config", "aud")), ["audience.txt", "audit of mine"])
            self.assertEqual(sorted(self.complete(program, "--config", "=", "aud")), ["audience.txt", "audit of mine"])
            self.assertIn("audience.txt", self.complete(program, "--config", "="))

    @unittest.skipUnless("fa-report" in PROGRAMS, "fa-report is not built")
    def test_fa_report_offers_folders_words_and_diff(self):
        self.assertEqual(self.complete("fa-report", "aud"), ["audit of mine"])
        self.assertEqual(self.complete("fa-report", "--source", "aud"), ["audit of mine"])
        self.assertEqual(self.complete("fa-report", "--colour", "a"), ["auto", "always"])
        self.assertEqual(self.complete("fa-report", "d"), ["diff"])
        self.assertEqual(self.complete("fa-report", "x", "d"), [])
        self.assertEqual(self.complete("fa-report", "--bootstrap", ""), [])

    @unittest.skipUnless("fa-harness" in PROGRAMS, "fa-harness is not built")
    def test_fa_harness_offers_words(self):
        self.assertEqual(self.complete("fa-harness", "--precision", "=", "float3"), ["float32"])
        self.assertEqual(self.complete("fa-harness", "aud"), [])

    def test_shellcheck_has_no_complaint(self):
        if not shutil.which("shellcheck"):
            self.skipTest("shellcheck is not installed")
        for path in PROGRAMS.values():
            done = subprocess.run(["shellcheck", "-s", "bash", "-"], input=text_of(path, "--help-as", "bash"), capture_output=True, text=True)
            self.assertEqual(done.stdout, "")

    def test_other_forms_are_wrong_usage(self):
        for path in PROGRAMS.values():
            for arguments in (["--help-as"], ["--help-as", "fish"], ["--help-as", "man", "more"]):
                done = subprocess.run([path, *arguments], capture_output=True, text=True)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("man, bash or zsh", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
