"""fa-report --verify: a flipped bit anywhere in a run file is found and named; without it fa-report doesn't crash; the same
fa-harness command measures the damaged run again."""
import csv
import random
import re
import shutil
import unittest

import h5py

from crash_case import CrashCase, LONG
from run_file import problems_of

FLIPS = 2000 if LONG else 200
SEED = 11


class Verify(CrashCase):
    def setUp(self):
        super().setUp()
        self.store = self.undisturbed()
        self.run_file = self.store / "runs/run-1.h5"
        self.bytes = self.run_file.read_bytes()

    def flip(self, bit):
        damaged = bytearray(self.bytes)
        damaged[bit // 8] ^= 1 << bit % 8
        self.run_file.write_bytes(damaged)

    def places(self):
        """Dataset → (offset, bytes)."""
        found = {}
        with h5py.File(self.run_file) as file:
            file.visititems(lambda name, item: found.update({name: (item.id.get_offset(), item.id.get_storage_size())})
                            if isinstance(item, h5py.Dataset) else None)
        return found

    def reason(self, store, name="run-1"):
        with open(store / "tables/runs.csv", newline="") as file:
            return next(row["reason"] for row in csv.DictReader(file) if row["run"] == name)

    def test_a_whole_store_verifies(self):
        self.report(self.store, "--verify")

    def test_each_damaged_dataset_is_named(self):
        for name, (offset, size) in self.places().items():
            if name == "metadata_crc32":
                continue
            self.flip(8 * (offset + size // 2))
            self.report(self.store, "--verify", expect=3)
            self.assertIn(f"runs/run-1.h5: is damaged: what differs from its recorded crc32 is '{name}'", self.reason(self.store))
            self.assertIn("the same fa-harness command measures this run again", self.reason(self.store))

    def test_a_bit_anywhere(self):
        """Where h5py and zlib find something, fa-report --verify does; and there is no bit that neither finds."""
        luck = random.Random(SEED)
        places = self.places().values()
        metadata = [at for at in range(len(self.bytes)) if not any(offset <= at < offset + size for offset, size in places)]
        print(f"seed {SEED}, {len(metadata)} of {len(self.bytes)} bytes are metadata")
        for number in range(FLIPS):  # half of them in the metadata, which are few
            byte = luck.choice(metadata) if number % 2 else luck.randrange(len(self.bytes))
            bit = 8 * byte + luck.randrange(8)
            with self.subTest(bit=bit):
                self.flip(bit)
                self.assertNotEqual(problems_of(self.run_file), [])
                self.report(self.store, "--verify", "--bootstrap", 0, expect=3)
                self.assertIn("runs/run-1.h5", self.reason(self.store))
                plain = self.programs.run("fa-report", self.store, "--bootstrap", 0)
                self.assertIn(plain.returncode, (0, 3), plain.stderr)
                if number % 20 == 0:
                    _, done = self.audit("undisturbed")
                    self.assertEqual(self.run_file.read_bytes(), self.bytes)
                    self.assertEqual(done.stderr.count("measured again"), 1, done.stderr)

    def test_a_damaged_audit_file_is_written_again(self):
        path = self.store / "audit.h5"
        whole = path.read_bytes()
        luck = random.Random(SEED)
        for _ in range(FLIPS // 10):
            damaged = bytearray(whole)
            damaged[luck.randrange(len(whole))] ^= 1 << luck.randrange(8)
            path.write_bytes(damaged)
            self.audit("undisturbed")
            self.assertEqual(path.read_bytes(), whole)

    def test_a_run_that_failed_later_names_its_damage_too(self):
        (self.store / "runs/run-1.failed").write_text('{"name": "run-1", "digest": "x", "reason": "no memory"}')
        self.flip(8 * self.places()["norms/hidden"][0])
        self.report(self.store, "--verify", expect=3)
        self.assertRegex(self.reason(self.store), "no memory; besides, .*'norms/hidden'")

    def test_a_damaged_control_is_no_control(self):
        text = self.manifest.read_text().replace("run-0.safetensors", "run-0.safetensors frozen=run-1")
        store, _ = self.audit("controlled", manifest=self.write_manifest(text, "controlled.txt"))
        shutil.copy(self.run_file, store / "runs/run-1.h5")
        self.flip(8 * self.places()["accuracy/correct"][0])
        shutil.copy(self.run_file, store / "runs/run-1.h5")
        report = self.report(store, "--verify", expect=3)
        self.assertIn("the frozen control 'run-1' failed", " ".join(re.sub("[│|]", " ", report.stdout).split()))


if __name__ == "__main__":
    unittest.main()
