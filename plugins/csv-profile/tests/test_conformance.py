import json
import pathlib
import re
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "src"))
from csv_profile.run import run

GIVEN = re.compile(r'Given the file "(.+?)" with (".*")')
WHEN = re.compile(r"When the dataset is profiled")
THEN = re.compile(r'(?:Then|And) the (?:file|column "(.+?)") has (\{.*\})')


class Conformance(unittest.TestCase):
    def test_every_scenario(self):
        feature = (ROOT / "conformance/behavior/profiles.feature").read_text(encoding="utf-8")
        scenarios = re.split(r"(?m)^ +Scenario: ", feature)[1:]
        self.assertTrue(scenarios)
        for text in scenarios:
            name, *steps = [line.strip() for line in text.strip().splitlines() if line.strip()]
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                self.perform(steps, pathlib.Path(folder, "in"), pathlib.Path(folder, "out"))

    def perform(self, steps, dataset, out):
        dataset.mkdir()
        out.mkdir()
        for step in steps:
            given, then = GIVEN.fullmatch(step), THEN.fullmatch(step)
            if given:
                (dataset / given[1]).write_bytes(json.loads(given[2]).encode())
            elif then:
                self.judge(then, json.loads((out / "profile.json").read_text(encoding="utf-8"))["files"][0])
            elif WHEN.fullmatch(step):
                run(dataset, out, {})
            else:
                self.fail(f"no such step: {step}")

    def judge(self, then, file):
        (subject,) = [column for column in file["columns"] if column["name"] == then[1]] if then[1] else [file]
        wanted = json.loads(then[2])
        self.assertEqual({key: subject[key] for key in wanted}, wanted)


if __name__ == "__main__":
    unittest.main()
