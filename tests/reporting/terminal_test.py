"""fa-report on a terminal, in a pipe, and with NO_COLOR: terminal_test.py SYNTHETIC_STORE FA_REPORT"""
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile
import unittest

COLOUR = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.store = pathlib.Path(folder.name) / "store"
        subprocess.run([sys.argv[1], cls.store], check=True)

    def command(self, *options):
        return [sys.argv[2], str(self.store), "--bootstrap", "0", *options]

    def on_terminal(self, *options, **variables):
        """What a terminal gets: fa-report's stdout is one end of a pty."""
        ours, its = pty.openpty()
        environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | variables
        with subprocess.Popen(self.command(*options), stdout=its, stderr=subprocess.DEVNULL, env=environment) as process:
            os.close(its)
            pieces = []
            while True:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # Linux says so at the end
                    break
                if not piece:
                    break
                pieces.append(piece)
            process.wait(timeout=60)
        os.close(ours)
        return b"".join(pieces).decode().replace("\r\n", "\n")

    def in_pipe(self, *options):
        return subprocess.run(self.command(*options), capture_output=True, text=True).stdout

    def test_it_is_coloured_on_a_terminal_alone(self):
        coloured, plain = self.on_terminal(), self.in_pipe()
        self.assertIn("\x1b[31m", coloured)  # what has to be walked back
        self.assertIn("\x1b[32m", coloured)
        self.assertNotIn("\x1b", plain)
        self.assertEqual(COLOUR.sub("", coloured), plain)

    def test_no_color_counts_where_it_is_not_empty(self):
        self.assertNotIn("\x1b", self.on_terminal(NO_COLOR="1"))
        self.assertIn("\x1b", self.on_terminal(NO_COLOR=""))

    def test_the_option_counts_more(self):
        self.assertIn("\x1b", self.in_pipe("--colour", "always"))
        self.assertIn("\x1b", self.on_terminal("--colour", "always", NO_COLOR="1"))
        self.assertNotIn("\x1b", self.on_terminal("--colour", "never"))

    def test_other_formats_have_no_colour(self):
        for form in ("markdown", "csv", "json", "latex"):
            self.assertNotIn("\x1b", self.on_terminal("--format", form, "--colour", "always"))

    def test_cells_stand_below_each_other(self):
        lines = self.in_pipe().split("\n\n")[0].splitlines()[1:]
        self.assertTrue(lines[0].startswith("run"))
        edge = lines[0].index("accuracy") + len("accuracy")  # numbers are right-aligned
        for line in lines[1:]:
            self.assertRegex(line[edge - 8:edge], r" +\d\.\d{3}$")
            self.assertEqual(line[edge], " ")

    def test_a_document_goes_to_stdout_alone(self):
        done = subprocess.run(self.command("--format", "csv", "--output", "x"), capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("--output", done.stderr)
        for other in (["--output", "x"], ["--format", "json"]):
            done = subprocess.run(self.command("--methods-text", *other), capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(len(self.in_pipe("--methods-text").splitlines()), 1)
        done = subprocess.run(self.command("--format", "csv", "--fail-on", "b"), capture_output=True, text=True)
        self.assertEqual(done.returncode, 4)
        with open("/dev/full", "w") as full:
            done = subprocess.run(self.command("--format", "csv"), stdout=full, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("can't be written", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
