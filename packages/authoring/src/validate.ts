import { dirname, join } from 'node:path'
import { TenonError, type Disk, type Json, type PluginSpec, type Problem } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import { parseJson } from '@tenon/contract'
import { isRange } from '@tenon/resolver'
import { driftOf } from './derive.ts'
import { readPluginFolder, specOf, treeProblems, type PluginFolder } from './plugin-folder.ts'
import { readPolicyPacks, type PolicyPack } from './policy.ts'

export type GateReport = { gate: string; checked: number; problems: Problem[] }
export type Validation = { spec: PluginSpec | undefined; gates: GateReport[]; problems: Problem[] }

type Subject = { spec: PluginSpec; folder: PluginFolder; packs: readonly PolicyPack[] }
type Gate = { gate: string; run(subject: Subject): { checked: number; problems: Problem[] } }

const BASELINE = [
  'plugin.spec.json',
  'manifest.json',
  'ledger_contract.json',
  'policy_snapshot.json',
  'README_PLUGIN.md',
  'healthcheck.md',
]
const BASELINE_FOLDERS = ['src', 'tests', 'conformance']

const GATES: Gate[] = [
  { gate: 'baseline', run: checkBaseline },
  { gate: 'tree', run: ({ folder, spec }) => ({ checked: folder.files.length, problems: treeProblems(folder, spec) }) },
  { gate: 'ranges', run: checkRanges },
  { gate: 'code', run: checkCode },
  { gate: 'operations', run: checkOperations },
  {
    gate: 'derived',
    run: ({ spec, folder, packs }) => ({ checked: BASELINE.length - 1, problems: driftOf(spec, packs, folder) }),
  },
]

/** Checks a plugin's folder at every gate. Nothing of the plugin is run. */
export async function validatePlugin(disk: Disk, root: string, policies: string): Promise<Validation> {
  if ((await disk.kind(root)) !== 'folder')
    throw new TenonError('PLUGIN_UNKNOWN', `there is no folder ${root}`, {
      hint: "Give the path of a plugin's folder.",
    })
  const folder = await readPluginFolder(disk, root)
  const { spec, problems } = specOf(folder)
  const read = await readPolicyPacks(disk, policies)
  const first: GateReport[] = [
    { gate: 'spec', checked: 1, problems },
    { gate: 'policies', checked: read.packs.length + read.problems.length, problems: read.problems },
  ]
  // What broken packs imply is not known, so nothing can be said of what derives from them.
  const gatesToRun = read.problems.length === 0 ? GATES : GATES.filter(({ gate }) => gate !== 'derived')
  const rest =
    spec === undefined ? [] : gatesToRun.map(({ gate, run }) => ({ gate, ...run({ spec, folder, packs: read.packs }) }))
  const gates = [...first, ...rest]
  return { spec, gates, problems: gates.flatMap((gate) => gate.problems) }
}

const missing = (path: string, why = 'is missing'): Problem => ({
  pointer: '',
  file: path,
  code: 'FILE_MISSING',
  message: `${path} ${why}`,
})

function checkBaseline({ folder }: Subject): { checked: number; problems: Problem[] } {
  const files = BASELINE.filter((path) => folder.text(path) === undefined).map((path) => missing(path))
  const folders = BASELINE_FOLDERS.filter((name) => !folder.files.some(({ path }) => path.startsWith(`${name}/`))).map(
    (name) => missing(`${name}/`, 'is missing or empty'),
  )
  return { checked: BASELINE.length + BASELINE_FOLDERS.length, problems: [...files, ...folders] }
}

function checkRanges({ spec }: Subject): { checked: number; problems: Problem[] } {
  const maps = ['engines', 'dependencies', 'optionalDependencies', 'ifPresent', 'conflicts'] as const
  const ranges = maps.flatMap((key) =>
    Object.entries(spec[key] ?? {}).map(([id, range]) => ({ pointer: `/${key}/${id.replaceAll('/', '~1')}`, range })),
  )
  const problems = ranges
    .filter(({ range }) => !isRange(range))
    .map(({ pointer, range }) => ({
      pointer,
      file: 'plugin.spec.json',
      code: 'SPEC_RANGE',
      message: `"${range}" is no version range`,
    }))
  return { checked: ranges.length, problems }
}

/** Every file of code that the spec names is there. */
function checkCode({ spec, folder }: Subject): { checked: number; problems: Problem[] } {
  const paths = codePaths(spec)
  return {
    checked: paths.length,
    problems: paths.filter((path) => folder.text(path) === undefined).map((path) => missing(path)),
  }
}

function codePaths({ runtime, events, services, dataset, storage }: PluginSpec): string[] {
  const named = [
    ...(events?.emits ?? []).map(({ schema }) => schema),
    ...(services?.provides ?? []).flatMap(({ request, response }) => [request, response]),
    ...(dataset?.config === undefined ? [] : [dataset.config]),
    ...(storage?.schema === undefined ? [] : [storage.schema]),
  ]
  if (runtime.kind === 'node') return [runtime.entry, ...named]
  if (runtime.kind === 'map') return [...runtime.extensions, ...named]
  if (runtime.kind === 'python') return [`src/${runtime.entryPoint.split(':')[0]?.replaceAll('.', '/')}.py`, ...named]
  return named
}

/** Each operation has its schemas, examples that pass them, and tests. */
function checkOperations({ spec, folder }: Subject): { checked: number; problems: Problem[] } {
  const operations = spec.operations ?? []
  const problems = operations.flatMap(({ name, input, output, tests }) => [
    ...checkExample(folder, `examples/${name}_request.json`, input ? `schemas/${name}.in.schema.json` : undefined),
    ...checkExample(folder, `examples/${name}_response.json`, output ? `schemas/${name}.out.schema.json` : undefined),
    ...checkTests(folder, name, tests),
  ])
  return { checked: operations.length, problems }
}

function checkExample(folder: PluginFolder, path: string, schemaPath: string | undefined): Problem[] {
  const example = readJsonFile(folder, path)
  if ('problems' in example) return example.problems
  if (schemaPath === undefined)
    return example.value === null
      ? []
      : [
          {
            pointer: '',
            file: path,
            code: 'EXAMPLE_INVALID',
            message: `${path} must be null: the operation has no such document`,
          },
        ]
  const schema = readJsonFile(folder, schemaPath)
  if ('problems' in schema) return schema.problems
  return foreignValidator(schema.value)
    .problems(example.value)
    .map((problem) => ({ ...problem, file: path, message: `${path}${problem.pointer} ${problem.message}` }))
}

function readJsonFile(folder: PluginFolder, path: string): { value: Json } | { problems: Problem[] } {
  const text = folder.text(path)
  if (text === undefined) return { problems: [missing(path)] }
  try {
    return { value: parseJson(text, path) }
  } catch (thrown) {
    if (thrown instanceof TenonError)
      return { problems: thrown.problems.map((problem) => ({ ...problem, file: path })) }
    throw thrown
  }
}

function checkTests(folder: PluginFolder, operation: string, named: string | undefined): Problem[] {
  const candidates =
    named === undefined ? ['ts', 'mjs', 'js', 'py'].map((end) => `tests/test_${operation}.${end}`) : [named]
  const found = candidates.find((path) => folder.text(path) !== undefined)
  if (found === undefined)
    return [missing(candidates[0] ?? '', `is missing: the operation "${operation}" has no tests`)]
  const asserts = /\bassert|expect\(/.test(folder.text(found) ?? '')
  return asserts
    ? []
    : [{ pointer: '', file: found, code: 'TEST_ASSERTS_NOTHING', message: `${found} asserts nothing` }]
}

/** The policies that govern a plugin lie beside the folder of plugins, at the repository's root. */
export async function policiesFor(disk: Disk, root: string): Promise<string> {
  for (let folder = dirname(root); ; folder = dirname(folder)) {
    const policies = join(folder, 'policies')
    if ((await disk.kind(policies)) === 'folder' || folder === dirname(folder)) return policies
  }
}
