import type { PluginSpec } from '@tenon/contract'
import type { DerivedFile } from '../derive.ts'
import type { SpecBase } from './spec-base.ts'

export const pythonFiles = { spec, files }

const packageOf = (id: string): string => id.replaceAll('-', '_')

function spec(base: SpecBase): PluginSpec {
  return {
    ...base,
    engines: { tenon: '>=0.1.0', python: '>=3.9' },
    runtime: { kind: 'python', entryPoint: `${packageOf(base.id)}.run:run` },
    dataset: {
      inputs: [{ name: 'files', globs: ['**/*'] }],
      outputs: [{ name: 'summary', globs: ['summary.json'], required: true }],
    },
    permissions: [],
  }
}

function files(plugin: PluginSpec): DerivedFile[] {
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
