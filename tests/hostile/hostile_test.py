"""Every hostile file ends in a clear error or a valid result, below 1 GiB and 10 s: python hostile_test.py read_hostile

Under AddressSanitizer (build/asan) a wrong access ends the program, which fails here.
"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time

MOST_SECONDS = 10
MOST_BYTES = 2**30
LONGEST_MESSAGE = 4000

# Made on purpose so that they are valid, or wrong in what nobody asks for.
ACCEPTED = {f"made-{name}.pt" for name in (
    "storage-long", "system-beside", "one-tensor-many-names", "many-records", "names-absolute", "name-not-utf8",
    "offset-0", "rows-0", "rows-1", "stride-0", "stride-1", "empty-but-huge")} | {"made-batch-size-9223372036854775807.tensors"}


def read(program, path):
    """(exit code, what it printed, seconds, peak bytes)"""
    started = time.monotonic()
    with subprocess.Popen([program, path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace") as process:
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, output, time.monotonic() - started, usage.ru_maxrss * 1024


def problem_of(name, code, output, seconds, peak, file_bytes):
    if code != 0:
        return f"exit code {code}: {output[-2000:]}"
    if output.count("\n") != 1 or len(output) > LONGEST_MESSAGE + len(name) + 200:
        return f"no single clear line: {output[:300]!r}"
    if any(ord(character) < 0x20 for character in output[:-1]):
        return f"control characters in {output!r}"
    if seconds > MOST_SECONDS:
        return f"took {seconds:.1f} s"
    if peak > MOST_BYTES:
        return f"took {peak / 2**20:.0f} MiB for {file_bytes} bytes"
    accepted = output.rstrip().endswith(": accepted")
    if name.startswith("made-") and accepted != (name in ACCEPTED):
        return "was " + ("accepted" if accepted else output)
    if "-" not in name and not accepted:
        return f"is good, but {output}"
    return None


def main():
    program = sys.argv[1]
    problems, count, slowest, largest = [], 0, (0, ""), (0, "")
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: what a process has had in memory when it starts another counts for that one too.
        for script in ("make_corpus.py", "make_data_corpus.py"):
            subprocess.run([sys.executable, pathlib.Path(__file__).with_name(script), folder], check=True)
        for path in sorted(pathlib.Path(folder).iterdir()):
            code, output, seconds, peak = read(program, path)
            problem = problem_of(path.name, code, output, seconds, peak, path.stat().st_size)
            if problem:
                problems.append(f"{path.name}: {problem}")
            count += 1
            slowest, largest = max(slowest, (seconds, path.name)), max(largest, (peak, path.name))
    print(f"{count} files; slowest {slowest[1]} {slowest[0]:.2f} s; largest {largest[1]} {largest[0] / 2**20:.0f} MiB")
    assert count >= 300, count
    assert not pathlib.Path("/tmp/fa-harness-was-here").exists(), "a file's code ran"
    if problems:
        sys.exit("\n".join(problems))


main()
