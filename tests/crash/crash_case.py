"""What the tests of crashes and bad disks start from: a tiny audit, its undisturbed result, and what must hold of a store."""
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zlib

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "system"), str(TESTS / "support")]
sys.dont_write_bytecode = True

import h5py  # noqa: E402
from safetensors import safe_open  # noqa: E402

import tiny_zoo  # noqa: E402
from run_file import problems_of  # noqa: E402
from system_case import SystemCase  # noqa: E402

LONG = os.environ.get("FA_LONG_TESTS") == "1"
SHIM = os.environ.get("FA_SHIM", "")
RUNS = ["run-0", "run-1", "run-2"]

Call = collections.namedtuple("Call", "number name path")


def files_of(store):
    """Every file and folder of a store, by its path in it."""
    return {str(path.relative_to(store)): path for path in sorted(store.rglob("*"))}


def is_temporary(name):
    """A file that isn't whole yet, or never will be: of a run or table, of a segment."""
    return pathlib.Path(name).name.startswith(".") or name.endswith(".tmp")


def kind_of(call, store):
    """What a call is for, whichever run it belongs to: calls of one kind meet the same code."""
    path = os.path.relpath(call.path, store)
    path = re.sub(r"^(.*/)?\.(.+)\.[^.]+$", r"\1temporary \2", path)
    path = re.sub(r"^tables/(\w+ )?.*", r"tables/\1*", path)
    path = re.sub(r"draws-.*\.tmp$", "temporary segment", path)
    path = re.sub(r"draws-.*", "segment", path)
    return call.name, re.sub(r"run-\d+|[0-9a-f]{64}", "*", path)


class CrashCase(SystemCase):
    """FA_SHIM names the preloaded library of shim.c."""
    options = ()      # of every audit here
    manifest_keys = ""

    def write_zoo(self):
        tiny_zoo.write_zoo(self.folder, len(RUNS))
        self.manifest = self.write_manifest(tiny_zoo.manifest(RUNS, self.manifest_keys))

    def undisturbed(self, ranks=0, *options):
        """The store that an audit without disaster and without this test's options makes; its run files are verified by h5py
        and zlib."""
        store, _ = self.audit("undisturbed", *options, ranks=ranks)
        for run in (store / "runs").glob("*.h5"):
            self.assertEqual(problems_of(run), [], run)
        return store

    def shimmed(self, store, *options, ranks=0, rank=None, at=None, do=None, timeout=60):
        """An audit under the shim; (the finished process, the counted calls)."""
        log = self.folder / "shim.log"
        log.unlink(missing_ok=True)
        shim = {"LD_PRELOAD": SHIM, "FA_SHIM_FOLDER": str(store), "FA_SHIM_LOG": str(log)}
        shim |= {name: str(value) for name, value in
                 {"FA_SHIM_RANK": rank, "FA_SHIM_AT": at, "FA_SHIM_DO": do}.items() if value is not None}
        words = self.programs.command("fa-harness", ["--manifest", self.manifest, "--output", store, *self.options, *options],
                                      ranks)
        program = words.index(str(self.programs.path("fa-harness")))
        words[program:program] = ["env", *(f"{name}={value}" for name, value in shim.items())]  # not into mpirun itself
        with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session:
            done = subprocess.run(words, capture_output=True, text=True, cwd=self.folder, timeout=timeout,
                                  env=self.programs.environment(session), stdin=subprocess.DEVNULL)
        lines = log.read_text().splitlines() if log.exists() else []
        return done, [Call(int(number), name, path) for number, name, path in (line.split(" ", 2) for line in lines)]

    def empty(self, name="store"):
        """A folder for a store; the former one of this name is gone."""
        store = (self.folder / name).resolve()
        shutil.rmtree(store, ignore_errors=True)
        store.mkdir()
        return store

    def assert_nothing_wrong(self, store, undisturbed):
        """Whatever lies in the store under its final name is what an undisturbed audit makes; finished runs are whole."""
        for name, path in files_of(store).items():
            if path.is_dir() or is_temporary(name) or name == "provenance.jsonl":
                continue
            if name.startswith("runs/") and name.endswith(".h5"):
                self.assertEqual(path.read_bytes(), (undisturbed / name).read_bytes(), f"{name} isn't whole")
            if name.startswith("segments/"):
                self.assert_rows_of(undisturbed / f"runs/{path.parent.name}.h5", path)

    def assert_rows_of(self, run, segment):
        """A segment holds its draws' rows of the run file, bit for bit."""
        first, end = map(int, segment.name.split("-")[1:3])
        with h5py.File(run) as file, safe_open(segment, "numpy") as part:
            self.assertEqual(part.metadata()["digest"], file.attrs["digest"], segment)
            for name in ("gamma/fresh", "gamma/batchvec_fresh", "gamma/flat_fresh", "gamma/concat_fresh"):
                self.assertEqual(part.get_tensor(name).tobytes(), file[name][first:end].tobytes(), f"{segment}: {name}")

    def saved_segments(self, store):
        """By run, for those without a run file: how many draws its segments hold, and how many they are."""
        saved = {}
        for path in store.glob("segments/*/*.safetensors"):
            if not (store / f"runs/{path.parent.name}.h5").exists():
                first, end = map(int, path.name.split("-")[1:3])
                draws, files = saved.get(path.parent.name, (0, 0))
                saved[path.parent.name] = draws + end - first, files + 1
        return saved

    def finished_runs(self, store):
        """What changes whenever a run file is written anew."""
        return {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in (store / "runs").glob("[!.]*.h5")}

    def assert_resumes(self, store, undisturbed, ranks=0, options=()):
        """The same command completes, keeps what was finished or saved, and leaves the bytes and files of an undisturbed
        audit."""
        before, saved = self.finished_runs(store), self.saved_segments(store)
        done = self.programs.audit(self.manifest, store, *self.options, *options, ranks=ranks)
        after = self.finished_runs(store)
        self.assertEqual({name: after[name] for name in before}, before, f"measured again: {done.stderr}")
        for name, (draws, files) in saved.items():
            self.assertRegex(done.stderr, f"run '{name}': goes on with {draws} of [0-9]+ draws, saved earlier "
                                          f"\\(segments taken over: {files}\\)")
        self.assertNotIn("discarded", done.stderr)
        self.assert_complete(store, undisturbed)

    def assert_complete(self, store, undisturbed):
        """Every file of the store, and no other, with the bytes of the undisturbed one."""
        files, wanted = files_of(store), files_of(undisturbed)
        self.assertEqual(sorted(files), sorted(wanted))
        for name, path in wanted.items():
            if not path.is_dir() and name != "provenance.jsonl":
                self.assertEqual(zlib.crc32(files[name].read_bytes()), zlib.crc32(path.read_bytes()), f"{name} differs")
