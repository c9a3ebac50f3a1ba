"""What the programs say of their options."""
import re
import subprocess


def text_of(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, (program, arguments, done.stdout, done.stderr)
    return done.stdout


def options_of(program):
    """{option: the name of its value, or None} as --help lists them."""
    found = {}
    for line in text_of(program, "--help").splitlines():
        match = re.match(r"  (?:-\w \[ )?--([a-z][a-z-]*)(?: \])?(?: ([A-Z][A-Z/]*))?(?: \(=.*?\))?(?: +\S.*)?$", line)
        if match:
            found[match.group(1)] = match.group(2)
    return found
