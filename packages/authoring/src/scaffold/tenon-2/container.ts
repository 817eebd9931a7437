import type { TextFile } from '../../folder/text-file.ts'

/** A program, the image that holds it, and tests that need no engine of containers. */
export const containerFiles = (): TextFile[] => [
  { path: 'Containerfile', text: CONTAINERFILE },
  { path: 'src/count.py', text: PROGRAM },
  { path: 'tests/__init__.py', text: '' },
  { path: 'tests/test_count.py', text: TEST },
]

const CONTAINERFILE = `# Build it with "podman build --tag <the image that plugin.spec.json names> .", then name its digest there, too.
FROM docker.io/library/python:3.13-slim
COPY src/count.py /app/count.py
USER 65534
`

const PROGRAM = `"""Counts the files of a dataset: count.py DATASET OUT"""
import json
import pathlib
import sys


def main(argv):
    if len(argv) != 2:
        print("usage: count.py DATASET OUT", file=sys.stderr)
        return 2
    dataset, out = map(pathlib.Path, argv)
    if not dataset.is_dir():
        print(f"{dataset} is no folder", file=sys.stderr)
        return 2
    files = [path for path in dataset.rglob("*") if path.is_file()]
    (out / "summary.json").write_text(json.dumps({"files": len(files)}) + "\\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
`

const TEST = `import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))
from count import main


def count(*argv):
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        return main([*map(str, argv)]), said.getvalue()


class Count(unittest.TestCase):
    def test_counts_the_files(self):
        with tempfile.TemporaryDirectory() as folder:
            dataset, out = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
            dataset.mkdir(), out.mkdir()
            (dataset / "a.txt").write_text("a")
            self.assertEqual(count(dataset, out), (0, ""))
            self.assertEqual(json.loads((out / "summary.json").read_text()), {"files": 1})

    def test_refuses_a_dataset_that_is_not_there(self):
        with tempfile.TemporaryDirectory() as folder:
            status, said = count(pathlib.Path(folder, "nowhere"), folder)
            self.assertEqual(status, 2)
            self.assertIn("is no folder", said)
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])

    def test_refuses_to_be_called_otherwise(self):
        self.assertEqual(count(), (2, "usage: count.py DATASET OUT\\n"))


if __name__ == "__main__":
    unittest.main()
`
