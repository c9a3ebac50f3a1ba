"""fa-report --format latex, set by a real pdfLaTeX: latex_test.py SYNTHETIC_STORE FA_REPORT"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
import unittest

import documents

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import run_file  # noqa: E402

import h5py  # noqa: E402

MOST_POINTS_TOO_WIDE = 3.0
DOCUMENT = r"""\documentclass[a4paper]{article}
\usepackage{array,booktabs,longtable,siunitx}
\begin{document}
\input{tables}
\end{document}
"""


def missing():
    for program in ("pdflatex", "pdftotext", "kpsewhich"):
        if shutil.which(program) is None:
            return f"{program} is not installed"
    for style in ("booktabs.sty", "siunitx.sty", "longtable.sty"):
        if subprocess.run(["kpsewhich", style], capture_output=True).returncode:
            return f"LaTeX has no {style}"
    return None


class Document:
    """A store's LaTeX document, set: `source`, `text` of the PDF, `log`, and the exit code of the last of three runs."""

    def __init__(self, store, folder):
        self.source = documents.document(sys.argv[2], store, "latex", "--bootstrap", "40")
        (folder / "tables.tex").write_text(self.source)
        (folder / "minimal.tex").write_text(DOCUMENT)
        for _ in range(3):  # longtable needs its widths from the run before
            done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "minimal"], cwd=folder,
                                  capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
            self.status = done.returncode
            self.log = (folder / "minimal.log").read_text(errors="replace")
        text = subprocess.run(["pdftotext", "-layout", "minimal.pdf", "-"], cwd=folder, capture_output=True).stdout
        self.text = text.decode().replace("−", "-")


class Latex(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.store = cls.folder / "store"
        subprocess.run([sys.argv[1], cls.store], check=True)
        cls.plain = Document(cls.store, cls.folder)

    def expect_set(self, document):
        self.assertEqual(document.status, 0, document.log[-3000:])
        wide = [float(points) for points in re.findall(r"Overfull \\hbox \(([\d.]+)pt", document.log)]
        self.assertLessEqual(max(wide, default=0), MOST_POINTS_TOO_WIDE, re.findall(r"Overfull.*", document.log))
        self.assertNotIn("Missing character", document.log)

    def test_it_compiles_as_it_is_and_fits_the_page(self):
        self.expect_set(self.plain)

    def test_every_number_of_the_tables_is_in_the_pdf(self):
        words = set(self.plain.text.split())
        count = 0
        for label, rows in documents.from_latex(self.plain.source).items():
            for row in rows:
                for cell in row[1:]:
                    number = documents.printed(cell)
                    if number and number[0]:  # of 0 siunitx leaves the sign out
                        self.assertIn(cell.partition("e")[0], words, f"{label}: {row}")
                        count += 1
        self.assertGreater(count, 800)

    def test_a_row_of_the_pdf_is_the_row_of_the_source(self):
        row, = [row for row in documents.from_latex(self.plain.source)["reseeding"] if row[0] == "plain-1"]
        lines = [" ".join(line.split()) for line in self.plain.text.splitlines()]
        self.assertIn(" ".join(row), lines)

    def test_captions_say_what_gamma_is_of_how_many_samples_and_draws(self):
        text = " ".join(self.plain.text.split())
        self.assertIn("the cosine between credit signal and gradient at the hidden states, per sample", text)
        for words in ("104 to 128 samples", "20 to 31 fresh draws", "pooled=mean,layers=mean", "Methods."):
            self.assertIn(words, text)
        self.assertIn("\\usepackage{array,booktabs,longtable,siunitx}", self.plain.source.partition("\\begin{table}")[0])

    @staticmethod
    def rename(store, run, name):
        """Gives a run another name, as a manifest might."""
        path = store / "runs" / f"{name}.h5"
        (store / "runs" / f"{run}.h5").rename(path)
        with h5py.File(path, "r+") as file:
            file.attrs["name"] = name
        run_file.seal(path)
        manifest = store / "manifest.txt"
        manifest.write_text(manifest.read_text().replace(f"name={run} ", f'name="{name}" '))

    def test_names_of_all_kinds_of_characters_compile_and_fit(self):
        folder = self.folder / "names"
        store = folder / "store"
        shutil.copytree(self.store, store)
        self.rename(store, "plain-1", r"a_b&50%#1 ${x}~^\end{table} <i>|`,,--")
        self.rename(store, "plain-2", "Γ ± ‖h‖ – ∂ℓ ≥ 0 … « » é ø ß Ł ž 中文 🙂 ə́")
        self.rename(store, "plain-3", "x" * 190)
        manifest = store / "manifest.txt"
        manifest.write_text(manifest.read_text().replace("group=exploded", 'group="100% & _under_ #2 Γ"')
                            .replace("group=special", "group=" + "very-long-group-name." * 8).replace("group=other", "group=\\emph"))
        document = Document(store, folder)
        self.expect_set(document)
        words = unicodedata.normalize("NFC", " ".join(document.text.split()))  # accents lie above their letters
        for part in (r"b&50%#1 ${x}", r"\end{table} <i>|`,,--", "Γ ±", "≥ 0", "[U+00AB]", "é ø ß", "[U+4E2D][U+6587] [U+1F642]",
                     "100% &", "#2 Γ", r"\emph"):
            self.assertIn(part, words)
        self.assertIn(r"a\_b\&50\%\#1", document.source.replace("\\allowbreak{}", ""))


if __name__ == "__main__":
    if reason := missing():
        print(f"skipped: {reason}", flush=True)  # ctest looks for it
        sys.exit(0)
    unittest.main(argv=sys.argv[:1])
