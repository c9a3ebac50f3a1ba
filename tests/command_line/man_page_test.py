"""Manual pages: what mandoc says of them, and that they have what --help has: man_page_test.py PROGRAM…"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from programs_help import options_of, text_of

if not shutil.which("mandoc"):
    print("skipped: mandoc is not installed")
    sys.exit(77)


class ManPage(unittest.TestCase):
    def page(self, program):
        file = tempfile.NamedTemporaryFile("w", suffix=".1")
        self.addCleanup(file.close)
        file.write(text_of(program, "--help-as", "man"))
        file.flush()
        return file.name

    def test_mandoc_has_no_complaint(self):
        for program in sys.argv[1:]:
            lint = subprocess.run(["mandoc", "-T", "lint", "-W", "style", self.page(program)], capture_output=True, text=True)
            complaints = [line for line in (lint.stdout + lint.stderr).splitlines() if "missing date" not in line]
            self.assertEqual(complaints, [], program)

    def test_every_option_is_there_with_its_value(self):
        for program in sys.argv[1:]:
            shown = subprocess.run(["mandoc", "-T", "utf8", "-O", "width=200", self.page(program)], capture_output=True, text=True).stdout
            text = re.sub(r".\x08", "", shown)
            for option, value in options_of(program).items():
                self.assertRegex(text, rf"(?m)^ +(-\w, )?--{option}" + (f" {value}" if value else "") + r"( \(=.*\))?( +\S.*)?$")
            for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "SEE ALSO"):
                self.assertRegex(text, rf"(?m)^{section}$")
            self.assertIn(f"{pathlib.Path(program).name} - ", text)

    def test_no_text_of_help_is_lost(self):
        for program in sys.argv[1:]:
            shown = subprocess.run(["mandoc", "-T", "utf8", self.page(program)], capture_output=True, text=True).stdout
            page = "".join(re.sub(r".\x08", "", shown).split()).replace("\u2010", "-")
            lines = [line for line in text_of(program, "--help").splitlines() if re.match(r" {30,}\S", line)]
            self.assertTrue(lines)
            for line in lines:
                self.assertIn("".join(line.split()), page)

    def test_the_page_is_ascii(self):
        for program in sys.argv[1:]:
            text_of(program, "--help-as", "man").encode("ascii")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
