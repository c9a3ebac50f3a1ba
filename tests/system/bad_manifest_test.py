"""A wrong manifest: everything that is wrong in one go, with lines, exit code 2, and nothing touched (issue 3)."""
import unittest

from system_case import SystemCase

WRONG = """default data=data.h5 batch_size=8 batches=9 draws=5
name=run-0 checkpoint=run-0.safetensors feedbak=stored
name=run-0 checkpoint=run-1.safetensors
name=gone checkpoint=nowhere.safetensors
name=open checkpoint=run-1.safetensors note="never closed
name=lost checkpoint=run-2.safetensors frozen=nobody
name=odd checkpoint=run-2.safetensors draws=many
"""


class BadManifest(SystemCase):
    def refused(self, ranks=0, text=WRONG):
        path = self.write_manifest(text, "wrong.txt")
        _, done = self.audit("nothing", manifest=path, ranks=ranks, expect=2)
        self.assertFalse((self.folder / "nothing").exists(), "an output folder was made")
        return done.stderr

    def test_everything_is_reported_with_its_line(self):
        for ranks in (0, 2):
            with self.subTest(ranks=ranks):
                errors = self.refused(ranks)
                for line, word in ((2, "feedbak"), (3, "run-0"), (4, "nowhere.safetensors"), (5, "quote"), (6, "nobody"),
                                   (7, "many")):
                    hits = [error for error in errors.splitlines() if f"wrong.txt:{line}:" in error and word in error]
                    self.assertEqual(len(hits), 1, f"line {line}, '{word}' in:\n{errors}")

    def test_the_nearest_key_is_named(self):
        self.assertIn("did you mean 'feedback'", self.refused())

    def test_an_empty_manifest_is_refused(self):
        self.assertIn("wrong.txt", self.refused(text="# nothing\n"))

    def test_a_missing_manifest_is_refused(self):
        _, done = self.audit("nothing", manifest=self.folder / "absent.txt", expect=2)
        self.assertIn("absent.txt", done.stderr)

    def test_a_dry_run_refuses_it_too(self):
        _, done = self.audit("nothing", "--dry-run", manifest=self.write_manifest(WRONG, "wrong.txt"), expect=2)
        self.assertIn("wrong.txt:2:", done.stderr)


if __name__ == "__main__":
    unittest.main()
