"""Every number of every format of fa-report, from the store by h5py and numpy: numbers_test.py SYNTHETIC_STORE FA_REPORT

The wide tables' other columns (bootstrap, permutations, variance, specification curves) are recomputed by
tests/aggregation/*reference_test.py; here each format must print the very numbers of these tables.
"""
import json
import math
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import documents
from recomputed import FIRST, NOTHING, Recomputed, Run

WITH_ALL_DIGITS = 1e-9


class Formats(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.store = pathlib.Path(folder.name) / "store"
        make, cls.report = sys.argv[1:3]
        subprocess.run([make, cls.store], check=True)
        cls.before = cls.bytes_of_store()
        cls.text = {form: documents.document(cls.report, cls.store, form, "--bootstrap", "40")
                    for form in ("markdown", "csv", "json", "latex")}
        cls.after = cls.bytes_of_store()
        cls.text["terminal"] = documents.document(cls.report, cls.store, "terminal", "--bootstrap", "40")
        cls.json = json.loads(cls.text["json"], parse_constant=lambda word: cls.fail(f"{word} is no JSON"))
        cls.tables = {name: table["rows"] for name, table in cls.json["tables"].items()}
        cls.tidy = documents.from_csv(cls.text["csv"])
        runs = [row["run"] for row in cls.tables["runs"] if row["status"] == "measured"]
        frozen = Run(cls.store / "runs/frozen.h5").data["accuracy/correct"].astype(float).mean()
        control = {name: {"frozen": NOTHING, "trainless": 0.7}.get(name, frozen) for name in runs}
        cls.groups = {"DFA resmlp-2x8": ["plain-1", "plain-2", "plain-3"], "other": ["other-1", "other-2", "other-3"],
                      "exploded": ["exploded"]}
        cls.recomputed = Recomputed(cls.store, runs, control, cls.groups)

    @classmethod
    def bytes_of_store(cls):
        return {path.relative_to(cls.store): path.read_bytes() for path in cls.store.rglob("*") if path.is_file()}

    def expect(self, got, wanted, where, tolerance=WITH_ALL_DIGITS):
        if wanted is None or isinstance(wanted, float) and math.isnan(wanted):
            self.assertIn(got, (None, ""), where)
            return
        self.assertNotIn(got, (None, ""), where)
        self.assertLessEqual(abs(float(got) - wanted), tolerance * max(abs(wanted), 1e-3), f"{where}: {got} {wanted}")

    def rows_of(self, table, whose):
        return [row for row in self.tables[table] if row.get("run", row.get("group")) == whose]

    def test_a_document_leaves_the_store_as_it_is(self):
        self.assertEqual(self.before, self.after)

    def test_json_has_the_numbers_that_the_store_gives(self):
        checked = 0
        for (table, whose, part), wanted in self.recomputed.of.items():
            row, = [row for row in self.rows_of(table, whose)
                    if part in ("", str(row.get("layer")), row.get("strategy"))]
            for column, value in wanted.items():
                self.expect(row[column], value, f"json {table} {whose} {part} {column}")
                checked += 1
        self.assertGreater(checked, 1000)

    def test_tidy_csv_has_the_numbers_that_the_store_gives(self):
        rows = {}
        for row in self.tidy:
            part = row["strategy"] if row["table"] in ("strategies", "groups") else row["layer"]
            rows.setdefault((row["table"], row["run"] or row["group"], part, row["quantity"]), []).append(row)
        for (table, whose, part), wanted in self.recomputed.of.items():
            for column, value in wanted.items():
                if table == "overview" and column not in ("layer_0_share", "blocks_only"):
                    self.assertNotIn((table, whose, part, column), rows)  # another table has it
                    continue
                row, = rows[table, whose, part, column]
                self.expect(row["value"], value, f"csv {table} {whose} {part} {column}")

    def test_tidy_csv_has_every_number_of_every_table_once(self):
        columns = {name: table["columns"] for name, table in self.json["tables"].items()}
        wanted = {}
        for name, rows in self.tables.items():
            for row in rows:
                for column in columns[name]:
                    if name == "overview" and column["name"] not in ("layer_0_share", "blocks_only"):
                        continue
                    if column["kind"] != "words" and column["name"] not in ("layer", "seed"):
                        wanted.setdefault((name, column["name"], column["unit"]), []).append(row[column["name"]])
        got = {}
        for row in self.tidy:
            value = row["value"]
            got.setdefault((row["table"], row["quantity"], row["unit"]), []).append(
                None if value == "" else value if "inf" in value else float(value))
        self.assertEqual(wanted, got)

    def test_tidy_csv_says_of_which_feedback_and_whether_it_means_anything(self):
        for row in self.tidy:
            if row["quantity"] in ("fresh_mean", "fresh_std", "fresh_low"):
                self.assertEqual(row["feedback"], "fresh")
            if row["quantity"] in ("gamma_train", "train_mean", "train_low"):
                self.assertEqual(row["feedback"], "train")
            if row["run"] == "exploded" and row["table"] not in ("specification_test",):
                self.assertEqual(row["interpretable"], "no (a, b)", row)
            if row["run"] == "plain-1":
                self.assertEqual((row["interpretable"], row["group"], row["seed"]), ("yes", "DFA resmlp-2x8", "1"))

    def test_wide_csv_tables_are_those_of_json(self):
        for name in ("runs", "layers", "strategies", "spread", "groups", "comparisons", "choices", "variance", "specification",
                     "specification_test"):
            rows = documents.from_csv((self.store / f"tables/{name}.csv").read_text())
            self.assertEqual(len(rows), len(self.tables[name]))
            for wide, row in zip(rows, self.tables[name]):
                self.assertEqual(list(wide), list(row))
                for column, value in row.items():
                    text = "" if value is None else value if isinstance(value, str) else repr(value)
                    same = wide[column] == text or (not isinstance(value, str) and value is not None
                                                    and float(wide[column]) == value)
                    self.assertTrue(same, f"{name} {column}: {wide[column]} {value}")
        self.assertEqual((self.store / "tables/tidy.csv").read_text(), self.text["csv"])

    def expect_printed(self, text, value, where):
        """`text` is `value` at the digits that are printed."""
        if value is None:
            self.assertIn(text, ("–", "{--}"), where)
        elif isinstance(value, str):
            self.assertEqual(" ".join(text.split()), " ".join(value.split()), where)
        else:
            if "%" in text or "percent" in where:
                value = 100 * value
            number = documents.printed(text)
            self.assertIsNotNone(number, f"{where}: '{text}' is no number")
            got, rounding = number
            if abs(got - value) > rounding * (1 + 1e-9):  # 1.6e+04 has three digits, too
                got, rounding = documents.significant(text)
            self.assertLessEqual(abs(got - value), rounding * (1 + 1e-9), f"{where}: '{text}' for {value}")

    def expect_table(self, rows, wanted, columns, where):
        self.assertEqual(len(rows), len(wanted), where)
        for cells, row in zip(rows, wanted):
            self.assertEqual(len(cells), len(columns), f"{where}: {cells}")
            for text, column in zip(cells, columns):
                self.expect_printed(text, row[column], f"{where} {list(row.values())[:2]} {column}")

    def names(self, table, leave_out=1):
        return [column["name"] for column in self.json["tables"][table]["columns"]][leave_out:]

    def measured(self):
        return [row for row in self.tables["runs"] if row["status"] == "measured"]

    def test_markdown_prints_the_numbers_of_json(self):
        tables = iter(documents.from_markdown(self.text["markdown"]))

        def expect(wanted, columns, where):
            self.expect_table(next(tables)[1:], wanted, columns, f"markdown {where}")

        expect(self.measured(), documents.VERDICTS, "verdicts")
        expect([row for row in self.tables["runs"] if row["status"] != "measured"], ["run", "status", "reason"], "unmeasured")
        expect(self.tables["overview"], documents.OVERVIEW, "overview")
        for run in self.measured():
            name = run["run"]
            expect(self.rows_of("layers", name), self.names("layers"), name)
            if name != "silent":
                expect(self.rows_of("strategies", name), self.names("strategies"), name)
                expect(self.rows_of("spread", name), self.names("spread"), name)
            expect(self.rows_of("pitfalls", name), self.names("pitfalls"), name)
        for group in self.json["groups"]:
            name = group["name"]
            expect(self.rows_of("groups", name), documents.GROUP, name)
            expect(self.rows_of("group_layers", name), self.names("group_layers"), name)
            if any(row["n"] or row["fresh_effect"] is not None for row in self.rows_of("choices", name)):
                expect(self.rows_of("choices", name), documents.CHOICES, name)
            variance = [row for row in self.rows_of("variance", name) if row["layer"] in ("all", None)]
            expect(variance, documents.VARIANCE, name)
        headline = [row for row in self.tables["comparisons"] if row["what"] == FIRST]
        expect(headline, documents.COMPARISONS, "comparisons")
        self.assertEqual(list(tables), [])
        page = (self.store / "tables/robustness.md").read_text()
        self.assertTrue(self.text["markdown"].startswith(page))

    def test_terminal_prints_the_numbers_of_json(self):
        tables = documents.from_terminal(self.text["terminal"])
        self.assertNotIn("\x1b", self.text["terminal"])
        self.expect_table(tables.pop("Verdicts")[1:], self.measured(), documents.VERDICTS, "terminal verdicts")
        for title, rows in tables.items():
            if title.startswith("Robustness"):
                self.expect_table(rows[1:], self.tables["overview"], documents.OVERVIEW, "terminal overview")
            elif title.startswith("Per layer"):
                self.expect_table(rows[1:], self.tables["layers"], "run layer h_norm g_norm stability gamma_train undefined "
                                  "fresh_mean fresh_std z p interpretable".split(), "terminal layers")
            elif title.startswith("Across seeds"):
                seeds = [row for row in self.tables["groups"] if row["strategy"] == FIRST and row["n"] > 1]
                self.expect_table(rows[1:], seeds, "group n strategy train_mean train_std train_low train_high train_t_low "
                                  "train_t_high fresh_mean fresh_std p interpretable".split(), "terminal groups")
        self.assertEqual({title.split()[0] for title in tables}, {"Robustness", "Per", "Across"} |
                         ({"Runs"} & {title.split()[0] for title in tables}))

    def test_latex_prints_the_numbers_of_json(self):
        tables = documents.from_latex(self.text["latex"])
        for label, (name, headings, columns) in documents.LATEX.items():
            rows = self.tables[name]
            if label == "verdicts":
                rows = self.measured()
            if label.startswith("groups"):
                rows = [row for row in rows if row["strategy"] == FIRST]
            if label == "comparisons":
                rows = [row for row in rows if row["what"] == FIRST]
            if label == "variance":
                rows = [row for row in rows if row["layer"] == "all" and row["source"]]
            got = tables.pop(label)
            self.assertEqual(len(got), len(rows), label)
            for cells, row in zip(got, rows):
                for text, column in zip(cells, columns):
                    where = f"latex {label} {column}" + (" percent" if column in documents.PERCENT else "")
                    plain = text.replace("\\_", "_").replace("$\\times$", "×").replace("$\\to$", "→")
                    self.expect_printed(plain, row[column], where)
                self.assertEqual(len(cells), len(columns) + (label == "verdicts"), label)
        self.assertEqual(list(tables), ["unmeasured"])

    def test_sentences_have_the_numbers_that_the_store_gives(self):
        """In JSON, and word for word on the page."""
        number = r"(-?\d+\.\d+(?:e-?\d+)?)"
        statements = {run["name"]: run["statements"] for run in self.json["runs"]}
        for name in ("plain-1", "plain-2", "plain-3", "holes", "exploded", "other-1"):
            text = " ".join(statements[name])
            wanted = self.recomputed.of["strategies", name, FIRST] | self.recomputed.of["overview", name, ""]
            train, mean_, std_, draws, p, p_layers = re.search(
                rf"trained {number}, fresh {number} ± {number} over (\d+) draws, p = (\S+) .*largest \|z\|, p = (\S+?)\.(?: |$)", text).groups()
            for got, column in ((train, "gamma_train"), (mean_, "fresh_mean"), (std_, "fresh_std"), (p, "p"), (p_layers, "p_max_layer")):
                self.expect_printed(got, wanted[column], f"{name} {column}")
            self.assertEqual(int(draws), self.recomputed.runs[name].attributes["draws"])
            share, blocks = re.search(rf"Layer 0 carries {number} % .* = {number}\.", text).groups()
            self.expect_printed(share + " %", wanted["layer_0_share"], f"{name} layer 0's share")
            self.expect_printed(blocks, wanted["blocks_only"], f"{name} blocks only")
        for sentences in [*statements.values(), *(group["statements"] for group in self.json["groups"])]:
            for sentence in sentences:
                self.assertIn(f"- {sentence}\n", self.text["markdown"])

    def test_methods_say_what_the_run_files_say(self):
        paragraph = " ".join(self.json["methods"])
        self.assertIn(paragraph, re.sub(r"\\([\\*_`<\[\]#|])", r"\1", self.text["markdown"]))
        for name, run in self.recomputed.runs.items():
            of = run.attributes
            samples = f"{of['batches'] * of['batch_size']} samples in {of['batches']} batches of {of['batch_size']}"
            self.assertRegex(paragraph, rf"for [^;]*: {samples}, [^;]*evaluation seed {of['eval_seed']}\)")
            if of["draws"]:
                self.assertIn(f"{of['draws']} draws with independent {of['feedback_distribution']} entries (draw seed {of['draw_seed']})", paragraph)
        self.assertIn("not interpretable in 1 of 13 runs: exploded.", paragraph)

    def test_rows_without_meaning_are_marked_in_the_row(self):
        rows = [line for line in self.text["latex"].splitlines() if line.startswith("exploded") and line.endswith("\\\\")]
        self.assertGreaterEqual(len(rows), 5)
        for line in rows:
            self.assertIn("$\\dagger$", line)
        self.assertNotIn("plain-1\\,$\\dagger$", self.text["latex"])
        for row in self.tables["layers"] + self.tables["strategies"] + self.tables["pitfalls"]:
            self.assertEqual(row["interpretable"], "no (a, b)" if row["run"] == "exploded" else "yes")

    def test_csv_and_json_print_all_digits(self):
        row, = [row for row in self.tidy if (row["table"], row["run"], row["layer"], row["quantity"]) == ("layers", "plain-1", "0", "gamma_train")]
        run = self.recomputed.runs["plain-1"]
        self.assertAlmostEqual(float(row["value"]), run.layer_values(0)[0], delta=1e-15)
        self.assertGreater(len(row["value"]), 15)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
