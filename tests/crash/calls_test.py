"""A disaster at every call that changes the store of a small audit: kill -9, a full disk, an I/O error, a short write.

In the standard run the first call of each kind and the last behind it; FA_LONG_TESTS=1: every call.
"""
import contextlib
import json
import os
import unittest

from crash_case import CrashCase, LONG, RUNS, files_of, is_temporary, kind_of


class Calls(CrashCase):
    ranks, rank, options = 0, None, ()
    errors = ("enospc", "eio", "short", "full")
    concerned = ""  # where in the store: how its files' names begin

    def setUp(self):
        super().setUp()
        self.whole = self.undisturbed(self.ranks)
        store = self.empty()
        done, self.calls = self.shimmed(store, ranks=self.ranks, rank=self.rank)
        self.assertEqual(done.returncode, 0, done.stderr)
        concerned = [call for call in self.calls if os.path.relpath(call.path, store).startswith(self.concerned)]
        kinds = {}  # of each the first, and the last of those that follow it
        for call, following in zip(concerned, [*concerned[1:], None]):
            kind = kind_of(call, store)
            first = kinds.setdefault(kind, [call])
            if len(first) == 1 and (following is None or kind_of(following, store) != kind):
                first.append(call)
        self.chosen = concerned if LONG else sorted({call for calls in kinds.values() for call in calls})
        print(f"{len(self.calls)} calls of {len(kinds)} kinds, {len(self.chosen)} tried", flush=True)

    @contextlib.contextmanager
    def case(self, do, call):
        """A subtest that says at once what failed: the long run takes its time."""
        with self.subTest(do=do, call=call):
            try:
                yield
            except Exception as error:
                print(f"FAILED {do} at {call}: {error!r}", flush=True)
                raise

    def strike(self, call, do):
        store = self.empty()
        done, calls = self.shimmed(store, ranks=self.ranks, rank=self.rank, at=call.number, do=do)
        struck = calls[call.number - 1]
        self.assertEqual(kind_of(struck, store), kind_of(call, store), "another call than in the dry count")
        return store, done

    def killed(self, do):
        for call in self.chosen:
            if do == "torn" and "write" not in call.name:
                continue
            with self.case(do, call):
                store, done = self.strike(call, do)
                self.assertNotEqual(done.returncode, 0)
                self.assert_nothing_wrong(store, self.whole)
                self.assert_resumes(store, self.whole, self.ranks)

    def test_kill(self):
        self.killed("kill")

    def test_kill_in_the_middle_of_a_write(self):
        self.killed("torn")

    def test_errors(self):
        for do in self.errors:
            for call in self.chosen:
                if do == "short" and "write" not in call.name:
                    continue
                with self.case(do, call):
                    store, done = self.strike(call, do)
                    self.assert_said(store, call, done)
                    self.assert_nothing_wrong(store, self.whole)
                    if not (do == "eio" and call.name == "unlink"):  # which leaves it there
                        self.assertEqual([name for name in files_of(store) if is_temporary(name)], [])
                    self.assert_resumes(store, self.whole, self.ranks)

    def assert_said(self, store, call, done):
        """Nothing but caches and provenance goes wrong in silence; the exit code and a sentence say what it was."""
        expected = {name for name, path in files_of(self.whole).items()
                    if not path.is_dir() and not name.startswith("cache/") and name != "provenance.jsonl"}
        right = {name for name in expected
                 if (store / name).exists() and (store / name).read_bytes() == (self.whole / name).read_bytes()}
        self.assertIn(done.returncode, (0, 1, 3), done.stderr)
        if done.returncode == 0:
            self.assertEqual(expected - right, set(), f"ended with 0: {done.stderr}")
            return
        self.assertIn(str(store), done.stderr)
        self.assertNotIn("terminate", done.stderr)
        if done.returncode == 3:
            failed = [name for name in RUNS if f"run '{name}' failed" in done.stderr]
            self.assertTrue(failed, done.stderr)
            for name in failed:
                record = store / f"runs/{name}.failed"
                if record.exists():  # a disk that stays full takes no record either
                    self.assertIn(str(store), json.loads(record.read_text())["reason"])
                else:
                    self.assertIn("can't be recorded", done.stderr)


if __name__ == "__main__":
    unittest.main()
