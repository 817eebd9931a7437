import type { Json, PerfDocument, Problem } from '@tenon/contract'
import { foreignValidator, perfSchema, readSchema, validatorOf } from '@tenon/contract/schema'
import { readJsonFile } from '../folder/json-file.ts'
import type { Candidate } from './scene.ts'

/** What is measured of one operation, with its workload and limits settled. */
export type Budget = { operation: string; file: string; document: PerfDocument; workload: Json[] }

const PERF = /^conformance\/perf\/(.+)\.perf\.json$/
const documents = validatorOf(perfSchema)

/** The budgets of a plugin. They may only be stricter than what its spec promises and its policy asks for. */
export function readBudgets(
  candidate: Candidate,
  p95Max: number | undefined,
): { budgets: Budget[]; problems: Problem[] } {
  const paths = candidate.folder.files.map(({ path }) => path).filter((path) => path.startsWith('conformance/perf/'))
  const read = paths.map((path) => readBudget(candidate, path, p95Max))
  return { budgets: read.flatMap(({ budget }) => budget ?? []), problems: read.flatMap(({ problems }) => problems) }
}

type Read = { budget?: Budget; problems: Problem[] }

function readBudget({ spec, folder }: Candidate, path: string, p95Max: number | undefined): Read {
  const operation = (spec.operations ?? []).find(({ name }) => name === PERF.exec(path)?.[1])
  if (operation === undefined) return { problems: [foreign(path)] }
  const { value, problems, place } = readJsonFile(folder, path)
  if (value === undefined) return { problems }
  const faults = documents.problems(value).map((problem) => place({ ...problem, code: 'PERF_INVALID' }))
  if (!documents.is(value)) return { problems: faults }
  const document: PerfDocument = value
  const { p95Ms, maxRssMb } = spec.performance?.[operation.name] ?? {}
  const limits = { p95: least(p95Ms, p95Max), rss: maxRssMb }
  const workload = workloadOf(folder, operation.name, document)
  const wrong = inputFaults(folder, operation, workload).map((problem) => place(problem))
  const looser = looseFaults(document.slo, limits).map((problem) => place(problem))
  const slo = { ...without(limits), ...document.slo }
  if (wrong.length + looser.length > 0) return { problems: [...wrong, ...looser] }
  return { budget: { operation: operation.name, file: path, document: { ...document, slo }, workload }, problems: [] }
}

const foreign = (file: string): Problem => ({
  ...{ pointer: '', file, code: 'PERF_UNKNOWN', message: 'is named after no operation' },
  hint: 'Call it conformance/perf/<operation>.perf.json.',
})

const least = (...values: (number | undefined)[]): number | undefined => {
  const given = values.filter((value) => value !== undefined)
  return given.length === 0 ? undefined : Math.min(...given)
}

const without = (limits: Record<string, number | undefined>): Record<string, number> =>
  Object.fromEntries(Object.entries(limits).filter((entry): entry is [string, number] => entry[1] !== undefined))

function looseFaults(
  slo: PerfDocument['slo'],
  limits: { p95: number | undefined; rss: number | undefined },
): Problem[] {
  return (['p95', 'rss'] as const).flatMap((key) => {
    const [own, limit] = [slo[key], limits[key]]
    if (own === undefined || limit === undefined || own <= limit) return []
    const message = `${own} is looser than the ${limit} of the spec or its policy`
    return [{ pointer: `/slo/${key}`, code: 'PERF_LOOSER', message, hint: `Ask for ${limit} or less.` }]
  })
}

/** The operation's own example stands in for a workload that is not given. */
function workloadOf(folder: Candidate['folder'], operation: string, { workload }: PerfDocument): Json[] {
  if (workload !== undefined) return workload as Json[]
  return [readJsonFile(folder, `examples/${operation}_request.json`).value ?? null]
}

function inputFaults(
  folder: Candidate['folder'],
  { name, input }: { name: string; input: boolean },
  workload: readonly Json[],
): Problem[] {
  const schema = input ? readJsonFile(folder, `schemas/${name}.in.schema.json`).value : undefined
  if (schema === undefined || readSchema(schema).problems.length > 0) return []
  const { problems } = foreignValidator(schema)
  return workload.flatMap((value, index) =>
    problems(value).map((problem) => ({
      ...problem,
      pointer: `/workload/${index}${problem.pointer}`,
      code: 'PERF_INPUT',
    })),
  )
}
