import { basename, dirname } from 'node:path/posix'
import type { TextFile } from '../../folder/text-file.ts'
import { datasetScenario } from './scenarios.ts'

/** A module and its tests, by its entry point `package.module:function`. */
export function pythonFiles(entryPoint: string): TextFile[] {
  const [module = '', run = ''] = entryPoint.split(':')
  const path = `src/${module.replaceAll('.', '/')}.py`
  return [
    { path: `${dirname(path)}/__init__.py`, text: '' },
    { path, text: source(run) },
    { path: 'tests/__init__.py', text: '' },
    { path: `tests/test_${basename(path)}`, text: testSource(module, run) },
    datasetScenario(),
  ]
}

const source = (run: string): string => `"""Counts the files of a dataset."""
import json


def ${run}(dataset_dir, out_dir, config, *, work_dir=None, dry_run=False):
    """Writes summary.json; in a dry run it only looks whether it could."""
    if not dataset_dir.is_dir():
        raise NotADirectoryError(f"{dataset_dir} is no folder")
    files = sorted(path for path in dataset_dir.rglob("*") if path.is_file())
    if dry_run:
        return
    (out_dir / "summary.json").write_text(json.dumps({"files": len(files)}) + "\\n")
`

const testSource = (module: string, run: string): string => `import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))
from ${module} import ${run}


class Run(unittest.TestCase):
    def test_counts_the_files(self):
        with tempfile.TemporaryDirectory() as folder:
            dataset, out = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
            dataset.mkdir(), out.mkdir()
            (dataset / "a.txt").write_text("a")
            ${run}(dataset, out, {})
            assert json.loads((out / "summary.json").read_text()) == {"files": 1}

    def test_writes_nothing_in_a_dry_run(self):
        with tempfile.TemporaryDirectory() as folder:
            ${run}(pathlib.Path(folder), pathlib.Path(folder), {}, dry_run=True)
            assert list(pathlib.Path(folder).iterdir()) == []

    def test_refuses_a_dataset_that_is_not_there(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(NotADirectoryError):
                ${run}(pathlib.Path(folder, "nowhere"), pathlib.Path(folder), {})
            assert list(pathlib.Path(folder).iterdir()) == []


if __name__ == "__main__":
    unittest.main()
`
