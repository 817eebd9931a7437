import type { PluginSpec } from '@tenon/contract'
import type { TextFile } from '../../folder/text-file.ts'

const packageOf = (id: string): string => id.replaceAll('-', '_')

export function pythonFiles(plugin: PluginSpec): TextFile[] {
  const name = packageOf(plugin.id)
  return [
    { path: `src/${name}/__init__.py`, text: '' },
    { path: `src/${name}/run.py`, text: RUN },
    { path: 'tests/__init__.py', text: '' },
    { path: 'tests/test_run.py', text: testSource(name) },
  ]
}

const RUN = `"""Counts the files of a dataset."""
import json


def run(dataset_dir, out_dir, config, *, work_dir=None, dry_run=False):
    files = sorted(path for path in dataset_dir.rglob("*") if path.is_file())
    if dry_run:
        return
    (out_dir / "summary.json").write_text(json.dumps({"files": len(files)}) + "\\n")
`

const testSource = (name: string): string => `import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "src"))
from ${name}.run import run


class Run(unittest.TestCase):
    def test_counts_the_files(self):
        with tempfile.TemporaryDirectory() as folder:
            dataset, out = pathlib.Path(folder, "in"), pathlib.Path(folder, "out")
            dataset.mkdir(), out.mkdir()
            (dataset / "a.txt").write_text("a")
            run(dataset, out, {})
            assert json.loads((out / "summary.json").read_text()) == {"files": 1}

    def test_writes_nothing_in_a_dry_run(self):
        with tempfile.TemporaryDirectory() as folder:
            run(pathlib.Path(folder), pathlib.Path(folder), {}, dry_run=True)
            assert list(pathlib.Path(folder).iterdir()) == []


if __name__ == "__main__":
    unittest.main()
`
