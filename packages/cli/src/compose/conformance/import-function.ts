import { runOn, shownOf, type Candidate, type Ground } from '@tenon/authoring'
import { TenonError } from '@tenon/contract'

/** Finds the function where the runner would, and runs nothing of it but its module. */
const IMPORT = `import importlib, sys
sys.dont_write_bytecode = True
sys.path[:0] = ['/code/src', '/code']
module, name = sys.argv[1].split(':')
assert callable(getattr(importlib.import_module(module), name)), name + ' is no function'
`

/** Imports what a dataset plugin is entered by, in a sandbox. Rejects with what Python says. */
export async function importFunction(candidate: Candidate, entryPoint: string, ports: Ground): Promise<void> {
  const { exit, completed, logTail } = await runOn(ports, {
    program: { argv: ['python3', '-c', IMPORT, entryPoint] },
    mounts: shownOf(candidate, '/code'),
    limits: {},
  })
  if (completed) return
  const said = logTail.trim().split('\n').at(-1) ?? ''
  throw new TenonError('PLUGIN_START_FAILED', `${entryPoint} cannot be imported: ${said === '' ? exit.message : said}`)
}
