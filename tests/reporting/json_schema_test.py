"""fa-report --format json against docs/report.schema.json by jsonschema: json_schema_test.py SYNTHETIC_STORE FA_REPORT SCHEMA"""
import copy
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import documents

try:
    import jsonschema
except ImportError:
    print("skipped: Python's jsonschema is not installed", flush=True)  # ctest looks for it
    sys.exit(0)


class JsonSchema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.store = pathlib.Path(folder.name) / "store"
        make, cls.report, schema = sys.argv[1:4]
        subprocess.run([make, cls.store], check=True)
        (cls.store / "provenance.jsonl").write_text('{"event":"job","versions":"fa-harness 0.1.0\\n"}\nno JSON\n[1]\n')
        (cls.store / "runs/plain-2.h5").write_bytes(b"damaged")
        schema = json.loads(pathlib.Path(schema).read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        cls.validator = jsonschema.Draft202012Validator(schema)
        cls.document = cls.read()

    @classmethod
    def read(cls, *options):
        return json.loads(documents.document(cls.report, cls.store, "json", "--bootstrap", "40", *options))

    def problems(self, document):
        return [f"{list(error.absolute_path)}: {error.message[:200]}" for error in self.validator.iter_errors(document)]

    def test_the_document_is_valid(self):
        self.assertEqual(self.problems(self.document), [])
        states = {run["status"] for run in self.document["runs"]}
        self.assertEqual(states, {"measured", "failed", "missing"})

    def test_other_options_are_valid_too(self):
        for options in (["--only-strategies", "--strategy", "concat,pooled=mean"], ["--bootstrap=0"], ["--g-norm-floor", "inf"]):
            arguments = [option for option in options]
            done = subprocess.run([self.report, self.store, "--format", "json", *arguments], capture_output=True)
            self.assertEqual(self.problems(json.loads(done.stdout)), [], options)

    def test_rows_have_the_columns_that_the_table_names_and_their_kinds(self):
        for name, table in self.document["tables"].items():
            columns = {column["name"]: column for column in table["columns"]}
            self.assertEqual(len(columns), len(table["columns"]), name)
            for row in table["rows"]:
                self.assertEqual(list(row), list(columns), name)
                for key, value in row.items():
                    allowed = {"words": str, "count": int, "number": (int, float)}[columns[key]["kind"]]
                    self.assertTrue(value is None or value in ("inf", "-inf") or isinstance(value, allowed), f"{name} {key} {value}")

    def test_every_column_says_what_it_is(self):
        for name, table in self.document["tables"].items():
            for column in table["columns"]:
                self.assertTrue(column["definition"],
                                f"{name}: {column['name']} has no definition")

    def test_provenance_is_the_lines_that_are_json(self):
        self.assertEqual(self.document["provenance"], [{"event": "job", "versions": "fa-harness 0.1.0\n"}])

    def test_the_schema_refuses_what_the_document_must_not_be(self):
        def without(key):
            return lambda document: document.pop(key)

        def spoilt(document):
            document["runs"][0]["verdict"]["diagnostics"]["a"]["outcome"] = "unknown"

        def measured_without_verdict(document):
            document["runs"][0]["verdict"] = None

        for change in (without("methods"), without("tables"), spoilt, measured_without_verdict):
            document = copy.deepcopy(self.document)
            change(document)
            self.assertNotEqual(self.problems(document), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
