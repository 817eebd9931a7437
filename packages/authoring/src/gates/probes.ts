import type { Problem } from '@tenon/contract'
import { foreignValidator, probeSchema, readSchema, validatorOf, type Probe } from '@tenon/contract/schema'
import { readJsonFile } from '../folder/json-file.ts'
import { filesOfTheSpec } from '../folder/schema-files.ts'
import { plainProbe } from '../derive/probe-text.ts'
import { ledgerContract } from '../derive/ledger-contract.ts'
import { readMarkdown } from '../folder/markdown-document.ts'
import { readYaml } from '../folder/yaml-text.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'
import { policySnapshot, type PolicySnapshot } from '../policy/policy-snapshot.ts'
import type { Checked, Subject } from './gate.ts'

export const HEALTHCHECK = 'healthcheck.md'
const probes = validatorOf(probeSchema)

export type Placed = { probe: Probe; line: number }

/** Every probe of the health document can be executed, and none bears with more than policy does. */
export function checkProbes(subject: Subject): Checked {
  if (subject.folder.text(HEALTHCHECK) === undefined) return { checked: 1, problems: [] }
  const read = readProbes(subject.folder)
  const placed = read.flatMap(({ placed: one }) => (one === undefined ? [] : [one]))
  const { values } = policySnapshot(subject.policies, subject.spec)
  return {
    checked: read.length,
    problems: [
      ...read.flatMap(({ problems }) => problems),
      ...placed.flatMap((one) => [...targetProblems(subject, one), ...looseProblems(values, one)]),
      ...repeated(placed),
    ],
  }
}

/** Each probe of the health document, or what is wrong with it. */
export const readProbes = (folder: PluginFolder): { placed?: Placed; problems: Problem[] }[] =>
  readMarkdown(folder, HEALTHCHECK)
    .blocks.filter(({ info }) => info === 'probe')
    .map(readProbe)

function readProbe({ text, line }: { text: string; line: number }): { placed?: Placed; problems: Problem[] } {
  const plain = plainProbe(text)
  if (plain !== undefined) return judged(plain, line)
  const { value, faults } = readYaml(text)
  if (faults.length === 0) return judged(value, line)
  return { problems: faults.map((fault) => invalid(line - 1 + fault.line, fault.message)) }
}

function judged(value: unknown, line: number): { placed?: Placed; problems: Problem[] } {
  const problems = probes.problems(value).map(({ message, hint }) => invalid(line, message, hint))
  return probes.is(value) ? { placed: { probe: value, line }, problems } : { problems }
}

function targetProblems(subject: Subject, { probe, line }: Placed): Problem[] {
  const { spec, folder } = subject
  const named = [probe.request, probe.expect].filter((path) => path !== undefined)
  const lost = named
    .filter((path) => folder.text(path) === undefined && !filesOfTheSpec(spec).includes(path))
    .map((path) => invalid(line, `"${path}" is no file of the plugin`))
  if (probe.kind === 'ledger') return [...lost, ...recordProblems(subject, { probe, line })]
  if (probe.kind !== 'op') return lost
  const operation = (spec.operations ?? []).find(({ name }) => name === probe.target)
  if (operation === undefined) return [...lost, invalid(line, `there is no operation "${probe.target}"`)]
  if (!operation.input) return lost
  if (probe.request === undefined) return [invalid(line, `"${probe.target}" takes an input, and the probe sends none`)]
  const [request, schema] = [probe.request, `schemas/${probe.target}.in.schema.json`].map(
    (path) => readJsonFile(folder, path).value,
  )
  if (request === undefined || schema === undefined || readSchema(schema).problems.length > 0) return lost
  const refused = foreignValidator(schema).problems(request)
  return refused.map(({ pointer, message }) => invalid(line, `${probe.request}${pointer}: ${message}`))
}

/** It is about all that the ledger contract promises, by the plugin's id, or about one action of it. */
function recordProblems({ spec, policies }: Subject, { probe: { target }, line }: Placed): Problem[] {
  const { entries } = ledgerContract(spec, policySnapshot(policies, spec))
  const actions = new Set(entries.map(({ action }) => action))
  if (target === spec.id || actions.has(target)) return []
  return [invalid(line, `the ledger holds no "${target}" of it`, `There are: ${[...actions].join(', ')}.`)]
}

const looseProblems = (values: PolicySnapshot['values'], { probe, line }: Placed): Problem[] =>
  (
    [
      ['timeout_ms', 'health.timeoutMs'],
      ['fail_after', 'health.failAfter'],
    ] as const
  ).flatMap(([key, policy]) => {
    const limit = values[policy]
    if (limit === undefined || probe[key] <= limit.value) return []
    const message = `"${probe.id}" has ${key} ${probe[key]}, looser than the ${limit.value} of policy`
    const hint = limit.winners
      .map(({ pack, rule, reason }) => `The rule "${rule}" of ${pack} sets it: ${reason}`)
      .join(' ')
    return [{ pointer: '', file: HEALTHCHECK, line, code: 'PROBE_LOOSE', message, hint }]
  })

const repeated = (placed: readonly Placed[]): Problem[] =>
  placed
    .filter(({ probe }, index) => placed.findIndex((other) => other.probe.id === probe.id) < index)
    .map(({ probe, line }) => invalid(line, `"${probe.id}" is the name of two probes`))

const invalid = (line: number, message: string, hint = 'Probes come from "health" of the spec.'): Problem => ({
  pointer: '',
  file: HEALTHCHECK,
  line,
  code: 'PROBE_INVALID',
  message,
  hint,
})
