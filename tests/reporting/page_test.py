"""The HTML page of an invented store in a real headless browser.

page_test.py SYNTHETIC_STORE REPORTING_STORE FA_REPORT
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / "aggregation")]
sys.dont_write_bytecode = True

import numpy as np  # noqa: E402

import chromium  # noqa: E402
from reference_test import Run  # noqa: E402

if not chromium.installed() or not shutil.which("gnuplot"):
    print("skipped: chromium or gnuplot isn't installed")
    sys.exit(77)
SYNTHETIC, REPORTING, FA_REPORT = sys.argv[1:4]

# Sorts every table by every column, up, down and back, and lists what is wrong with the result.
SORT_EVERYTHING = """(() => {
  const wrong = [];
  let sorts = 0;
  for (const table of document.querySelectorAll("main table")) {
    const body = table.tBodies[0];
    const before = [...body.rows];
    const name = table.parentElement.getAttribute("aria-label");
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = head.querySelector("button");
      if (!button) return;
      const values = () => [...body.rows].map((row) => row.cells[column]).map((cell) =>
        "v" in cell.dataset ? (cell.dataset.v === "" ? null : Number(cell.dataset.v)) : cell.textContent.trim());
      for (const [sign, state] of [[1, "ascending"], [-1, "descending"]]) {
        button.click();
        sorts += 1;
        const now = values();
        const there = now.filter((value) => value !== null && value !== "" && value !== "–");
        const gaps = now.slice(there.length).every((value) => value === null || value === "" || value === "–");
        const sorted = there.every((value, i) => i === 0 || (typeof value === "number"
          ? sign * (value - there[i - 1]) >= 0
          : sign * value.localeCompare(there[i - 1], "en", { numeric: true }) >= 0));
        const marked = [...table.querySelectorAll("[aria-sort]")].filter((one) => one.getAttribute("aria-sort") !== "none");
        if (!sorted || !gaps || marked.length !== 1 || marked[0] !== head || head.getAttribute("aria-sort") !== state)
          wrong.push([name, head.textContent, state, sorted, gaps, now.slice(0, 5)]);
      }
      button.click();
      if (!before.every((row, i) => row === body.rows[i])) wrong.push([name, head.textContent, "not as it was"]);
    });
  }
  return { sorts, wrong };
})()"""

# Columns of numbers whose head leads to no definition.
UNDEFINED = """[...document.querySelectorAll("main table")].flatMap((table) =>
  [...table.tHead.rows[0].cells].filter((head, column) => {
    const numbers = [...table.tBodies[0].rows].some((row) => "v" in row.cells[column].dataset);
    const link = head.querySelector("a.def");
    const entry = link && document.querySelector(link.getAttribute("href"));
    return numbers && !(entry && entry.closest(".glossary") && entry.querySelector("dd").textContent.trim().length > 3);
  }).map((head) => [table.parentElement.getAttribute("aria-label"), head.textContent]))"""

# What sticks out of the window, all folds open.
STICKING_OUT = """(() => {
  document.querySelectorAll("details").forEach((one) => (one.open = true));
  document.querySelectorAll("article").forEach((one) => (one.style.contentVisibility = "visible"));
  const page = document.documentElement; // its width is the window's less the scroll bar's
  const out = [...document.querySelectorAll("body *")].filter((one) => !one.closest(".scroll") && !one.closest(".sr") &&
    one.getBoundingClientRect().right > page.clientWidth + 1).map((one) => one.outerHTML.slice(0, 120));
  return { beyond: page.scrollWidth - page.clientWidth, window: innerWidth, out };
})()"""

VISIBLE_RUNS = """[...document.querySelectorAll("#verdicts tr[data-run]")].filter((row) => row.offsetParent !== null)
  .map((row) => row.cells[0].textContent.replace("Γ not interpretable: ✕", "").trim())"""
VISIBLE_STORIES = """[...document.querySelectorAll("#runs article")].filter((one) => one.offsetParent !== null)
  .map((one) => one.querySelector("h3").firstChild.textContent.trim())"""


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.temporary.cleanup)
        cls.folder = pathlib.Path(cls.temporary.name)
        subprocess.run([SYNTHETIC, cls.folder / "store"], check=True)
        cls.page = cls.write_page("store")
        cls.browser = chromium.Browser()
        cls.addClassCleanup(cls.browser.close)

    @classmethod
    def write_page(cls, store, **environment):
        done = subprocess.run([FA_REPORT, cls.folder / store, "--format", "html", "--bootstrap", "40"], capture_output=True, timeout=120,
                              env=os.environ | environment)
        assert done.returncode == 0, (done.returncode, done.stderr)
        page = cls.folder / f"{store}.html"
        page.write_bytes(done.stdout)
        return page

    def open(self, width=1440, page=None):
        self.browser.open(page or self.page, width)
        self.addCleanup(lambda: self.assertEqual(self.browser.complaints(), []))

    def test_every_table_sorts_by_every_column(self):
        self.open()
        result = self.browser.run(SORT_EVERYTHING)
        self.assertEqual(result["wrong"], [])
        self.assertGreater(result["sorts"], 1000)

    def test_sorting_by_the_keyboard(self):
        self.open()
        head = "document.querySelector('#verdicts th:nth-child(6)')"
        self.browser.run(f"{head}.querySelector('button').focus()")
        for state in ("ascending", "descending", "none"):
            self.browser.press("Enter", "\r")
            self.assertEqual(self.browser.run(f"{head}.getAttribute('aria-sort')"), state)
        self.browser.press("Tab")
        self.assertTrue(self.browser.run(f"document.activeElement === {head}.querySelector('a.def')"))

    def test_the_text_filter_shows_what_has_all_words(self):
        self.open()
        everyone = self.browser.run(VISIBLE_RUNS)
        self.assertEqual(len(everyone), 14)
        self.browser.run("document.getElementById('find').focus()")
        self.browser.type("PLAIN dfa")
        self.assertEqual(self.browser.run(VISIBLE_RUNS), ["plain-1", "plain-2", "plain-3"])
        self.assertEqual(self.browser.run(VISIBLE_STORIES), ["plain-1", "plain-2", "plain-3"])
        self.assertEqual(self.browser.run("document.getElementById('count').textContent"), "3 of 14 runs")
        self.browser.type(" nothing-like-this")
        self.assertEqual(self.browser.run(VISIBLE_RUNS), [])
        self.browser.run("document.getElementById('find').value = ''; document.getElementById('find').dispatchEvent("
                         "new Event('input', {bubbles: true}))")
        self.assertEqual(self.browser.run(VISIBLE_RUNS), everyone)

    def choose(self, field, text):
        self.browser.run(f"""(() => {{ const field = document.getElementById({field!r});
            field.value = [...field.options].find((one) => one.textContent === {text!r}).value;
            field.dispatchEvent(new Event("input", {{bubbles: true}})); }})()""")

    def test_filters_by_group_and_verdict(self):
        self.open()
        self.choose("group", "other")
        self.assertEqual(self.browser.run(VISIBLE_RUNS), ["other-1", "other-2", "other-3"])
        self.choose("group", "all")
        self.choose("state", "Γ not interpretable")
        self.assertEqual(self.browser.run(VISIBLE_RUNS), ["exploded"])
        self.choose("state", "without measurements")
        self.assertEqual(self.browser.run(VISIBLE_RUNS), ["absent"])
        self.assertEqual(self.browser.run(VISIBLE_STORIES), [])

    def test_every_number_leads_to_its_definition(self):
        self.open()
        self.assertEqual(self.browser.run(UNDEFINED), [])

    def test_uninterpretable_rows_are_marked_in_the_row(self):
        self.open()
        marked = self.browser.run("""[...document.querySelectorAll("#overview tbody tr")].map((row) =>
            [row.dataset.find.split(" ")[0], row.querySelector("th .mark") !== null])""")
        self.assertEqual([name for name, mark in marked if mark], ["exploded"])
        rows = self.browser.run("""[...document.querySelectorAll("#runs article")].flatMap((one) =>
            [...one.querySelectorAll("tbody tr")].map((row) => [one.querySelector("h3").firstChild.textContent.trim(),
                row.querySelector("th .mark") !== null]))""")
        self.assertEqual({name for name, mark in rows if mark}, {"exploded"})
        self.assertTrue(all(mark for name, mark in rows if name == "exploded"))

    def test_numbers_are_those_of_the_store(self):
        self.open()
        tables = self.browser.run("""Object.fromEntries([...document.querySelectorAll("#runs article")].map((one) =>
            [one.querySelector("h3").firstChild.textContent.trim(), [...one.querySelector("details tbody").rows].map((row) =>
                [...row.cells].map((cell) => [cell.dataset.v, cell.textContent]))]))""")
        self.assertEqual(len(tables), 13)
        for name, rows in tables.items():
            run = Run(self.folder / "store" / "runs" / f"{name}.h5")
            self.assertEqual(len(rows), 3)
            for layer, row in enumerate(rows):
                train, fresh = run.layer_values(layer)
                known = fresh[~np.isnan(fresh)]
                wanted = [layer, np.median(run.data["norms/hidden"][:, layer]), np.median(run.data["norms/gradient"][:, layer]), None,
                          train, None, known.mean() if len(known) else np.nan, known.std(ddof=1) if len(known) else np.nan]
                for (exact, shown), value in zip(row, wanted):
                    with self.subTest(run=name, layer=layer):
                        if value is not None and np.isnan(value):
                            self.assertEqual((exact, shown), ("", "–"))
                        elif value is not None:
                            self.assertAlmostEqual(float(exact), value, delta=1e-9 * max(abs(value), 1e-3))
                            self.assertAlmostEqual(float(shown.removeprefix("Γ not interpretable: ✕")), value,
                                                   delta=max(0.005 * abs(value), 5.1e-5 if abs(value) < 1 else 0))

    def test_nothing_sticks_out(self):
        for width in (360, 768, 1440):
            with self.subTest(width=width):
                self.open(width)
                found = self.browser.run(STICKING_OUT)
                self.assertEqual(found, {"beyond": 0, "window": width, "out": []})

    def test_nothing_is_loaded(self):
        self.open()
        allowed = {self.page.absolute().as_uri()}
        self.assertEqual([url for url in self.browser.requests() if url not in allowed and not url.startswith("data:")], [])
        self.assertEqual(self.browser.run("""[...document.querySelectorAll("[src], [href]")].map((one) =>
            one.getAttribute("src") ?? one.getAttribute("href")).filter((text) => !text.startsWith("#") && text !== "data:,")"""), [])

    def test_figures_stand_in_the_page_with_names_of_their_own(self):
        self.open()
        kinds = self.browser.run("[...document.querySelectorAll('figure')].map((one) => one.className)")
        self.assertEqual({kind: kinds.count(kind) for kind in set(kinds)},
                         {"gamma": 12, "specification": 12, "norms": 13, "directions": 13, "variance": 7})
        self.assertEqual(self.browser.run("""(() => { const names = [...document.querySelectorAll("[id]")].map((one) => one.id);
            return names.filter((name, place) => names.indexOf(name) !== place); })()"""), [])
        self.assertEqual(self.browser.run("""[...document.querySelectorAll("svg use")].filter((one) =>
            !one.closest("svg").querySelector(one.getAttribute("href"))).length"""), 0)

    def test_names_are_text_whatever_they_hold(self):
        subprocess.run([REPORTING, "hostile", self.folder / "hostile"], check=True)
        self.open(page=self.write_page("hostile"))
        self.assertEqual(self.browser.run(VISIBLE_RUNS), ["<script>pwned=1<b onmouseover='pwned=2'>&amp;", "{:Bold x} 'q' \\n ${y}",
                                                          "twin a", "twin?A"])
        self.assertIn("</article><script>pwned=5</script>", self.browser.run("document.querySelector('#runs article').textContent"))
        self.assertEqual(self.browser.run("[typeof pwned, document.scripts.length, document.images.length, "
                                          "document.querySelectorAll('main script, main b[onmouseover]').length]"), ["undefined", 1, 0, 0])
        self.assertGreater(self.browser.run("document.querySelectorAll('figure svg').length"), 12)

    def test_figures_of_many_runs_are_capped_and_the_page_says_so(self):
        subprocess.run([REPORTING, "many", self.folder / "many"], check=True)
        page = self.write_page("many")
        self.open(page=page)
        self.assertIn("Figures are drawn for 24 of 30 runs", page.read_text())
        drawn = self.browser.run("""[...document.querySelectorAll("#runs article")].filter((one) => one.querySelector("figure"))
            .map((one) => one.querySelector("h3").firstChild.textContent.trim())""")
        self.assertEqual(drawn, [f"run-{i}" for i in range(23)] + ["run-29"])  # the last is the first of its group
        self.assertEqual(len(self.browser.run(VISIBLE_STORIES)), 30)

    def test_without_gnuplot_the_page_says_why_it_has_no_figures(self):
        (self.folder / "empty").mkdir()
        page = self.write_page("store", PATH=str(self.folder / "empty"))
        self.open(page=page)
        self.assertIn("gnuplot, which isn't in PATH", self.browser.run("document.querySelector('#runs').textContent"))
        self.assertEqual(self.browser.run("document.querySelectorAll('figure').length"), 0)
        type(self).page = self.write_page("store")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
