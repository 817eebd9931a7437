import { limits, parseCapability, printCapability } from '@tenon/contract'
import type { PolicyKey, PolicyValue } from '@tenon/contract/schema'
import { operationTests } from '../folder/operation-tests.ts'
import { capabilityOverlap } from '../policy/capability-overlap.ts'
import type { Subject } from './gate.ts'
import { refusals } from './refusals.ts'

type Spec = Subject['spec']
type Place = readonly (string | number)[]

/** What breaks a policy, and where: in a file, or at a place of the spec. `item` is the member of a set that it breaks. */
export type Breach = { message: string; item?: string } & ({ at: Place } | { file: string })

/** How much of a plugin a value was held against, and where that breaks it. */
export type PolicyCheck = { checked: number; breaches: Breach[] }

type Check<Key extends PolicyKey> = (subject: Subject, value: PolicyValue<Key>) => PolicyCheck

/** No file tells whether these are kept: what tests run, `plugin test` measures, and what is left of runs, `runs prune` sees to. */
type KeptElsewhere = 'coverage.lines' | 'runs.retentionDays'

/** What the gate of policy refuses. */
export const POLICY_CHECKS: { [Key in Exclude<PolicyKey, KeptElsewhere>]: Check<Key> } = {
  'capabilities.denied': (subject, denied) => ofPermissions(subject, (asked) => deniedIn(asked, denied)),
  'capabilities.wildcards': (subject, isAllowed) =>
    ofPermissions(subject, (asked) => (isAllowed || !isOpen(asked) ? [] : [{ message: `"${asked}" has a wildcard` }])),
  'documents.required': ({ folder }, wanted) => ({
    checked: wanted.length,
    breaches: wanted
      .filter((file) => folder.text(file) === undefined)
      .map((file) => ({ file, message: 'is missing', item: file })),
  }),
  'health.failAfter': ({ spec }, limit) =>
    within(
      probesOf(spec).map(({ failAfter }, index) => [['health', 'probes', index, 'failAfter'], failAfter]),
      limit,
    ),
  'health.timeoutMs': ({ spec }, limit) =>
    within(
      [
        ...probesOf(spec).map(
          ({ timeoutMs }, index): Promised => [['health', 'probes', index, 'timeoutMs'], timeoutMs],
        ),
        ...(spec.health?.check === undefined
          ? []
          : [promised(['health', 'check', 'timeoutMs'], spec.health.check.timeoutMs, limits.healthTimeoutMs)]),
      ],
      limit,
    ),
  'isolation.requires': ({ spec }, wanted) => ({
    checked: wanted.length,
    breaches: wanted
      .filter((guarantee) => !(spec.isolation?.requires ?? []).some((required) => required === guarantee))
      .map((guarantee) => ({
        at: ['isolation', 'requires'],
        message: `does not require "${guarantee}"`,
        item: guarantee,
      })),
  }),
  'licenses.allowed': ({ spec: { license } }, allowed) =>
    one(license !== undefined && allowed.includes(license), {
      at: ['license'],
      message: license === undefined ? 'names no licence' : `"${license}" is none of ${listed(allowed)}`,
    }),
  'operation.timeoutMs': ({ spec }, limit) =>
    within(
      (spec.operations ?? []).map(({ timeoutMs }, index) =>
        promised(['operations', index, 'timeoutMs'], timeoutMs, limits.callMs),
      ),
      limit,
    ),
  'performance.p95Ms': ({ spec }, limit) =>
    within(
      (spec.operations ?? []).map(({ name }) =>
        promised(['performance', name, 'p95Ms'], spec.performance?.[name]?.p95Ms, Infinity),
      ),
      limit,
    ),
  'probes.programs': ({ spec }, allowed) => {
    const programs = programsOf(spec)
    return {
      checked: programs.length,
      breaches: programs
        .filter(({ program }) => !allowed.includes(program))
        .map(({ at, program }) => ({ at, message: `"${program}" is none of ${listed(allowed)}` })),
    }
  },
  'retention.days': ({ spec: { compliance } }, days) =>
    one(days === 0 || compliance?.auditLevel !== 'none', {
      at: ['compliance', 'auditLevel'],
      message: `"none" leaves nothing that could be kept for ${days} days`,
    }),
  'runtimes.allowed': ({ spec: { runtime } }, allowed) =>
    one(allowed.includes(runtime.kind), {
      at: ['runtime', 'kind'],
      message: `"${runtime.kind}" is none of ${listed(allowed)}`,
    }),
  'sensitive.unauthenticated': ({ spec }, isAllowed) => {
    const sensitive = (spec.operations ?? []).filter((operation) => operation.sensitive === true)
    const isOpenToAll = !isAllowed && spec.security?.authenticationRequired !== true
    const message = `"${sensitive[0]?.name}" is sensitive, and authentication is not required`
    return {
      checked: sensitive.length,
      breaches: isOpenToAll && sensitive.length > 0 ? [{ at: ['security', 'authenticationRequired'], message }] : [],
    }
  },
  'tests.negativePerOperation': ({ spec, folder }, wanted) => {
    const tested = (spec.operations ?? []).flatMap((operation) => operationTests(folder, operation) ?? [])
    return {
      checked: tested.length,
      breaches: tested
        .map(({ file, text }) => ({ file, count: refusals(text) }))
        .filter(({ count }) => count < wanted)
        .map(({ file, count }) => ({
          file,
          message: `asserts ${count} time(s) that something is refused, which is under ${wanted}`,
        })),
    }
  },
}

type Promised = [at: Place, promised: number | undefined, how?: string]

const probesOf = (spec: Spec) => spec.health?.probes ?? []

/** What a spec does not say is as the host usually has it. */
const promised = (at: Place, value: number | undefined, usual: number): Promised =>
  value === undefined
    ? [at, usual, usual === Infinity ? 'nothing is promised, which' : `the usual ${usual}`]
    : [at, value]

function within(promises: readonly Promised[], limit: number): PolicyCheck {
  const told = promises.filter(([, value]) => value !== undefined)
  return {
    checked: told.length,
    breaches: told
      .filter(([, value = 0]) => value > limit)
      .map(([at, value, how = String(value)]) => ({ at, message: `${how} is over the limit of ${limit}` })),
  }
}

const one = (isKept: boolean, breach: Breach): PolicyCheck => ({ checked: 1, breaches: isKept ? [] : [breach] })

const listed = (allowed: readonly string[]): string =>
  allowed.length === 0 ? 'what is allowed, which is nothing' : allowed.map((item) => `"${item}"`).join(', ')

type Broken = { message: string; item?: string }

/** Holds each permission against a rule, which says how it is broken. */
function ofPermissions({ spec: { permissions = [] } }: Subject, judge: (asked: string) => Broken[]): PolicyCheck {
  const breaches = permissions.flatMap(({ capability }, index) =>
    judge(capability).map((breach) => ({ at: ['permissions', index, 'capability'], ...breach })),
  )
  return { checked: permissions.length, breaches }
}

const deniedIn = (asked: string, denied: readonly string[]): Broken[] =>
  denied.flatMap((pattern) => {
    const common = capabilityOverlap(parseCapability(asked), parseCapability(pattern))
    if (common === undefined) return []
    const what = printCapability(common)
    const message = what === asked ? `"${asked}" is denied` : `"${asked}" takes in "${what}", which is denied`
    return [{ message, item: pattern }]
  })

/** A tree of files is no wildcard: it is the usual way to name a folder. */
const isOpen = (asked: string): boolean => !asked.startsWith('fs:') && asked.includes('*')

/** The programs that the host's check and the probes run. A probe's program is the first word of its target. */
function programsOf({ id, health }: Spec): { at: Place; program: string }[] {
  const { type, command = [] } = health?.check ?? {}
  return [
    ...(type === 'exec' ? command.slice(0, 1) : []).map((program) => ({
      at: ['health', 'check', 'command', 0],
      program,
    })),
    ...(health?.probes ?? []).flatMap(({ kind, target = id }, index) =>
      kind === 'exec'
        ? [{ at: ['health', 'probes', index, 'target'], program: target.trim().replace(/\s.*/s, '') }]
        : [],
    ),
  ]
}
