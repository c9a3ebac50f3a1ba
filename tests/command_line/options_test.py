"""docs/manual.md has every option of every program, and no other: options_test.py MANUAL PROGRAM…"""
import pathlib
import re
import sys
import unittest

from programs_help import options_of, text_of

MANUAL = pathlib.Path(sys.argv[1]).read_text()


class Options(unittest.TestCase):
    def test_the_manual_lists_what_help_lists(self):
        for program in sys.argv[2:]:
            name = pathlib.Path(program).name
            with self.subTest(name):
                section = re.search(rf"^### {name}\n(.*?)(?=^##)", MANUAL + "\n##", re.M | re.S)
                self.assertIsNotNone(section, f"docs/manual.md has no section '### {name}'")
                told = set(re.findall(r"^\| `--([a-z-]+)", section.group(1), re.M))
                self.assertEqual(told, set(options_of(program)))

    def test_values_bear_the_same_names(self):
        for program in sys.argv[2:]:
            name = pathlib.Path(program).name
            section = re.search(rf"^### {name}\n(.*?)(?=^##)", MANUAL + "\n##", re.M | re.S).group(1)
            told = dict(re.findall(r"^\| `--([a-z-]+)(?: ([A-Z/]+))?`", section, re.M))
            self.assertEqual({option: value or None for option, value in told.items()}, options_of(program))

    def test_every_line_of_help_fits(self):
        for program in sys.argv[2:]:
            for line in text_of(program, "--help").splitlines():
                self.assertLessEqual(len(line.rstrip()), 112, line)

    def test_exit_codes_are_the_manuals(self):
        for program in sys.argv[2:]:
            codes = re.search(r"Exit codes: (.*)", text_of(program, "--help"), re.S).group(1)
            for code in re.findall(r"(?:^|, )(\d+) ", " ".join(codes.split())):
                section = re.search(rf"^### {pathlib.Path(program).name}\n(.*?)(?=^##)", MANUAL + "\n##", re.M | re.S).group(1)
                self.assertRegex(section, rf"\b{code} ", f"{program}: exit code {code} is not in the manual")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
