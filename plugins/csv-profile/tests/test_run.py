import contextlib
import csv
import io
import json
import pathlib
import random
import re
import sys
import tempfile
import tracemalloc
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "src"))
import csv_profile
from csv_profile.problem import ProfileError
from csv_profile.run import run

OUTPUTS = ["profile.json", "profile.md", "provenance.json", "resultbundle.json"]


class Dataset(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.dataset = pathlib.Path(folder.name, "in")
        self.out = pathlib.Path(folder.name, "out")
        self.dataset.mkdir()
        self.out.mkdir()

    def put(self, name, content):
        path = self.dataset / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def run_plugin(self, config=None, **options):
        run(self.dataset, self.out, config, **options)

    def profiled(self, content, config=None):
        self.put("t.csv", content)
        self.run_plugin(config)
        (file,) = json.loads((self.out / "profile.json").read_text())["files"]
        return file

    def columns(self, content, config=None):
        return {column["name"]: column for column in self.profiled(content, config)["columns"]}

    def refused(self, config=None):
        with self.assertRaises(ProfileError) as caught:
            self.run_plugin(config)
        return str(caught.exception)


class Run(Dataset):
    def test_profiles_every_csv_file_and_no_other(self):
        for name in ("b.csv", "deep/er/a.csv", "notes.txt"):
            self.put(name, "x\n1\n")
        self.run_plugin({})
        self.assertEqual(sorted(path.name for path in self.out.iterdir()), OUTPUTS)
        files = json.loads((self.out / "profile.json").read_text())["files"]
        self.assertEqual([file["path"] for file in files], ["b.csv", "deep/er/a.csv"])

    def test_writes_nothing_in_a_dry_run(self):
        self.put("t.csv", "a,b\n1,2\n")
        self.run_plugin({}, dry_run=True)
        self.assertEqual(list(self.out.iterdir()), [])

    def test_a_dry_run_finds_a_wrong_configuration(self):
        self.put("t.csv", "a\n")
        with self.assertRaisesRegex(ProfileError, "max_distinct 0"):
            self.run_plugin({"max_distinct": 0}, dry_run=True)

    def test_the_same_dataset_gives_the_same_bytes_wherever_it_lies(self):
        self.put("t.csv", "a,b\n1,x\n2,y\n")
        self.run_plugin({})
        first = {name: (self.out / name).read_bytes() for name in OUTPUTS}
        moved = self.dataset.rename(self.dataset.with_name("elsewhere"))
        run(str(moved), str(self.out), {}, work_dir=str(self.out))
        self.assertEqual({name: (self.out / name).read_bytes() for name in OUTPUTS}, first)

    def test_the_result_bundle_lists_files_that_are_there(self):
        self.put("t.csv", "a\n1\n")
        self.run_plugin({})
        bundle = json.loads((self.out / "resultbundle.json").read_text())
        self.assertEqual(bundle["resultbundle_type"], "openlab.csv-profile")
        for key in ("schema_version", "time_reference", "producer", "source"):
            self.assertIn(key, bundle)
        for file in bundle["files"]:
            self.assertTrue((self.out / file["path"]).is_file())
            self.assertEqual(set(file), {"path", "role", "format", "required"})

    def test_the_provenance_names_inputs_and_outputs_by_digest(self):
        import hashlib

        self.put("t.csv", "\ufeffa\n1\n")
        self.run_plugin({})
        provenance = json.loads((self.out / "provenance.json").read_text())
        for folder, files in ((self.dataset, provenance["inputs"]), (self.out, provenance["outputs"])):
            for file in files:
                content = (folder / file["path"]).read_bytes()
                self.assertEqual(file["sha256"], hashlib.sha256(content).hexdigest())
                self.assertEqual(file["bytes"], len(content))

    def test_the_report_cannot_be_broken_by_a_name(self):
        self.put("t.csv", '"a|b\n<i>",`c`\n1,2\n')
        self.run_plugin({})
        report = (self.out / "profile.md").read_text()
        self.assertIn("| a\\|b \\<i\\> | integer |", report)
        self.assertIn("| \\`c\\` | integer |", report)

    def test_a_dataset_without_tables_is_an_error(self):
        self.put("t.txt", "a,b\n")
        self.assertIn("**/*.csv", self.refused())

    def test_every_fault_of_the_configuration_is_told(self):
        self.put("t.csv", "a\n")
        message = self.refused({"delimiter": "::", "max_distinct": True, "colour": 1})
        for fault in ("'::'", "max_distinct True", "'colour'"):
            self.assertIn(fault, message)
        self.assertIn("no object", self.refused([]))

    def test_errors_name_the_file(self):
        self.put("deep/t.csv", "a\n1\n".encode("utf-16"))
        self.assertEqual(self.refused(), "deep/t.csv: is UTF-16; save it as UTF-8")
        self.put("deep/t.csv", 'a,b\n1,"never closed\n' + "x,y\n" * 50_000)
        with mock.patch("csv_profile.profile.LINE_BYTES_MAX", 100_000):
            self.assertRegex(self.refused(), r"^deep/t.csv: line \d+: .*is a quote not closed\?$")
        self.put("deep/t.csv", "a\n" + "x" * 300_000)
        with mock.patch("csv_profile.source.LINE_BYTES_MAX", 100_000):
            self.assertRegex(self.refused(), r"^deep/t.csv: line 2 is longer")
        (self.dataset / "deep/t.csv").unlink()
        with mock.patch("pathlib.Path.rglob", return_value=[mock.Mock(relative_to=lambda _: pathlib.Path("gone.csv"))]):
            self.assertEqual(self.refused(), "gone.csv: No such file or directory")

    def test_needs_no_more_memory_for_a_longer_file(self):
        row = "%d,%.3f,some text that repeats,%d\n"
        peaks = []
        for rows in (20_000, 80_000):
            generator = random.Random(rows)
            self.put("t.csv", "a,b,c,d\n" + "".join(row % (n, generator.random(), n % 7) for n in range(rows)))
            tracemalloc.start()
            self.run_plugin({"max_distinct": 1000})
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        self.assertLess(peaks[1], 1.2 * peaks[0], peaks)


class Table(Dataset):
    def test_a_cell_may_hold_newlines_quotes_and_separators(self):
        file = self.profiled('a,b\r\n1,"x\r\n""y"", z"\r\n2,w\r\n')
        self.assertEqual((file["rows"], file["ragged"]["count"]), (2, 0))
        self.assertEqual([column["longest"] for column in file["columns"]], [1, 9])

    def test_rows_of_another_width_are_counted_with_their_first_lines(self):
        file = self.profiled('a,b,c\n1,2,3\n1,2\n"x\ny",2,3\n"p\nq",2,3,4\n\n1\n')
        self.assertEqual(file["ragged"], {"count": 3, "first_lines": [3, 6, 9]})
        self.assertEqual((file["rows"], file["blank_lines"]), (5, 1))
        self.assertEqual([column["missing"] for column in file["columns"]], [0, 1, 2])

    def test_only_the_first_ten_ragged_rows_are_named(self):
        file = self.profiled("a,b\n1,2\n" + "1\n" * 30 + "1,2\n" * 30)
        self.assertEqual(file["ragged"]["count"], 30)
        self.assertEqual(file["ragged"]["first_lines"], list(range(3, 13)))

    def test_invalid_bytes_are_reported_with_their_line_and_do_not_stop_anything(self):
        file = self.profiled(b'a,b\n1,x\n"2\n2",caf\xe9\n3,\xff\xfe\n')
        self.assertEqual(file["rows"], 3)
        self.assertEqual(
            file["invalid_bytes"],
            {
                "count": 3,
                "first": [
                    {"line": 4, "byte": "0xe9"},
                    {"line": 5, "byte": "0xff"},
                    {"line": 5, "byte": "0xfe"},
                ],
            },
        )

    def test_a_byte_order_mark_is_no_part_of_the_first_name(self):
        file = self.profiled("\ufeffa,b\n1,2\n")
        self.assertEqual((file["encoding"], file["columns"][0]["name"]), ("utf-8-sig", "a"))

    def test_nul_characters_are_read_and_counted(self):
        file = self.profiled("a,b\nx\0y,2\n")
        self.assertEqual((file["nul_characters"], file["rows"]), (1, 1))

    def test_columns_get_names_that_differ(self):
        file = self.profiled("a,,a, ,a_2,a\n1,2,3,4,5,6\n")
        self.assertEqual(
            [column["name"] for column in file["columns"]], ["a", "column_2", "a_2", "column_4", "a_2_2", "a_3"]
        )
        self.assertEqual([column["header"] for column in file["columns"]], ["a", "", "a", " ", "a_2", "a"])

    def test_empty_files_and_files_of_a_header_are_no_fault(self):
        self.assertEqual((self.profiled("")["rows"], self.profiled("")["columns"]), (0, []))
        file = self.profiled("\n\na,b\n")
        self.assertEqual((file["rows"], [column["type"] for column in file["columns"]]), (0, ["empty", "empty"]))

    def test_lines_may_end_as_they_like(self):
        for end in ("\n", "\r\n", "\r"):
            file = self.profiled(end.join(("a,b", "1,x", '2,"y"', "3,z")))
            self.assertEqual((file["rows"], file["columns"][0]["type"]), (3, "integer"), repr(end))

    def test_lines_are_counted_as_they_end(self):
        for end in (b"\n", b"\r\n", b"\r"):
            file = self.profiled(end.join((b"a,b", b"1,x", b"2,\xe9", b"3,z", b"")))
            self.assertEqual(file["invalid_bytes"]["first"], [{"line": 3, "byte": "0xe9"}], end)

    def test_where_blocks_of_the_file_begin_does_not_show(self):
        content = '\ufeffa;b;c\r\n1;"é\r\nü";2024-01-01\r\n2\r\n;"😀 ""q""";2024-12-31\r\n'.encode() + b"3;\xe9;\r\n" * 9
        whole = self.profiled(content)
        mean = whole["columns"][0].pop("mean")
        for size in range(3, 40):
            with mock.patch("csv_profile.source.BLOCK_BYTES", size):
                parts = self.profiled(content)
            # How a mean is rounded depends on the batches; nothing else does.
            self.assertAlmostEqual(parts["columns"][0].pop("mean"), mean)
            self.assertEqual(parts, whole, f"blocks of {size} bytes")

    def test_a_given_delimiter_is_taken(self):
        self.assertEqual(list(self.columns("a,b;c\n1,2;3\n", {"delimiter": ";"})), ["a,b", "c"])

    def test_agrees_with_a_slow_twin_on_random_tables(self):
        seed = random.randrange(1 << 32)
        generator = random.Random(seed)
        for _ in range(60):
            text = random_table(generator)
            with mock.patch("csv_profile.source.BLOCK_BYTES", generator.choice((16, 100, 1 << 17))):
                columns = self.profiled(text, {"delimiter": ","})["columns"]
            for column, wanted in zip(columns, slow_twin(text)):
                for key, value in wanted.items():
                    same = self.assertAlmostEqual if key == "mean" and value is not None else self.assertEqual
                    same(column[key], value, msg=f"seed {seed}: {key} of {column['name']} in\n{text}")


WORDS = ["", " ", "1", "-7", "0", "12", "3.5", "-.25", "1e3", "yes", "NO", "2024-02-29", "2023-02-29", "x", "a,b", '"', "é\nü"]
KINDS = [WORDS, ["1", "2", "-3", ""], ["1", "2.5", " 3 "], ["2024-01-31", "2024-01-01T10:00Z"], ["true", "False", ""]]


def random_table(generator):
    pools = [generator.choice(KINDS) for _ in range(generator.randint(2, 4))]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(f"c{place}" for place in range(len(pools)))
    for _ in range(generator.randint(0, 60)):
        writer.writerow(generator.choice(pool) for pool in pools)
    return out.getvalue()


def slow_twin(text):
    """The same facts, a cell at a time."""
    header, *rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    for place in range(len(header)):
        cells = [row[place] for row in rows if row[place].strip()]
        type_ = next((name for name, fits in SLOW_TYPES.items() if all(map(fits, cells))), "text") if cells else "empty"
        numbers = [float(cell) for cell in cells] if type_ in ("integer", "number") else []
        ordered = numbers or (cells if type_ == "date" else [])
        yield {
            "type": type_,
            "count": len(cells),
            "missing": len(rows) - len(cells),
            "distinct": len(set(cells)),
            "distinct_exact": True,
            "min": min(ordered, default=None),
            "max": max(ordered, default=None),
            "mean": sum(numbers) / len(numbers) if numbers else None,
            "longest": max(map(len, cells), default=0),
        }


def is_day(cell):
    import datetime

    with contextlib.suppress(ValueError):
        datetime.date.fromisoformat(cell[:10])
        return re.fullmatch(r"[\d-]{10}([T ][\d:.Z+-]+)?", cell) is not None
    return False


SLOW_TYPES = {
    "integer": lambda cell: re.fullmatch(r" *[+-]?(0|[1-9]\d*) *", cell) is not None,
    "number": lambda cell: re.fullmatch(r" *[+-]?((0|[1-9]\d*)(\.\d*)?|\.\d+)([eE][+-]?\d+)? *", cell) is not None,
    "boolean": lambda cell: cell.lower() in ("true", "false", "yes", "no"),
    "date": is_day,
}


class Manifest(unittest.TestCase):
    def test_says_the_same_everywhere(self):
        spec = json.loads((ROOT / "plugin.spec.json").read_text())
        meta = csv_profile.get_plugin()["meta"]
        for key in ("id", "publisher", "version", "name", "description", "license"):
            self.assertEqual(meta[key], spec[key])
        self.assertEqual(csv_profile.get_plugin()["entry"]["callable"], spec["runtime"]["entryPoint"])
        self.assertEqual([each["paths"] for each in meta["outputs"]], [each["globs"] for each in spec["dataset"]["outputs"]])
        self.assertIn(f'version = "{spec["version"]}"', (ROOT / "pyproject.toml").read_text())
        self.assertEqual(json.loads(json.dumps(csv_profile.get_plugin())), csv_profile.get_plugin())

    def test_the_schema_of_the_configuration_says_what_the_code_takes(self):
        from csv_profile import config

        properties = json.loads((ROOT / "schemas/config.schema.json").read_text())["properties"]
        self.assertEqual(set(properties), set(config.Config._fields))
        self.assertEqual(tuple(properties["delimiter"]["enum"]), config.DELIMITERS)
        self.assertEqual(properties["max_distinct"]["default"], config.MAX_DISTINCT)
        self.assertEqual(properties["max_distinct"]["maximum"], config.MAX_DISTINCT_LIMIT)


if __name__ == "__main__":
    unittest.main()
