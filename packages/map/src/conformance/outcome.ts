import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { jsonValue, messageOf } from '@tenon/contract'
import { globMatcher } from '../query/glob.ts'
import type { Assertion, FileContains, FileMatches, JsonPathAssertion } from './assertion-format.ts'
import { stepsOf, valueAtSteps } from './json-path.ts'
import { isFound } from './pattern.ts'
import { schemaFault } from './suite-schema.ts'
import type { Suite } from './suite.ts'
import { treeOf } from './tree.ts'

/** What a run of `sm` ended with. */
export type SmEnd = { exit: number; stdout: string; stderr: string }

/** What was expected, and what came. Both are words for people. */
export type Outcome = { type: Assertion['type']; passed: boolean; expected: string; came: string }

/** What an assertion is judged by. */
export type Evidence = { suite: Suite; scope: string; ended: SmEnd }

type Judged = { passed: boolean; expected: string; came: string }

/** Judges one assertion. Whatever cannot be judged has not passed. */
export async function judge(assertion: Assertion, evidence: Evidence): Promise<Outcome> {
  return { type: assertion.type, ...(await judged(assertion, evidence)) }
}

async function judged(assertion: Assertion, { suite, scope, ended }: Evidence): Promise<Judged> {
  switch (assertion.type) {
    case 'exit-code':
      return same(`exit status ${assertion.value}`, assertion.value, ended.exit)
    case 'stderr-matches':
      return found(`standard error to match ${assertion.pattern}`, assertion.pattern, ended.stderr)
    case 'json-path':
      return judgedJson(assertion, ended.stdout)
    case 'file-exists':
      return judgedFiles(assertion.path, scope)
    case 'file-contains-verbatim':
      return judgedText(assertion, suite, scope)
    default:
      return judgedSchema(assertion, suite, scope)
  }
}

const same = (expected: string, wanted: unknown, came: unknown): Judged => ({
  ...{ passed: isDeepStrictEqual(wanted, came), expected, came: shown(came) },
})

function found(expected: string, pattern: string, text: string): Judged {
  const isThere = isFound(pattern, text)
  return {
    passed: isThere === true,
    expected,
    came: isThere === undefined ? 'the pattern takes too long' : shown(text),
  }
}

function judgedJson(assertion: JsonPathAssertion, stdout: string): Judged {
  const { path } = assertion
  const parsed = jsonOf(stdout)
  if ('fault' in parsed) return { passed: false, expected: `${path} of JSON`, came: parsed.fault }
  const value = valueAtSteps(parsed.value, stepsOf(path) ?? [])
  const all = comparisons(assertion, value)
  return all.find(({ passed }) => !passed) ?? { passed: true, ...described(path, all), came: shown(value) }
}

const described = (path: string, all: readonly Judged[]): { expected: string } => ({
  expected: all.length === 1 ? (all[0]?.expected ?? path) : all.map(({ expected }) => expected).join(', '),
})

function comparisons(assertion: JsonPathAssertion, value: unknown): Judged[] {
  const { path, greaterThan, lessThan, matches } = assertion
  const came = shown(value)
  const isNumber = typeof value === 'number'
  return [
    ...('equals' in assertion ? [same(`${path} = ${shown(assertion.equals)}`, assertion.equals, value)] : []),
    ...(greaterThan === undefined
      ? []
      : [{ passed: isNumber && value > greaterThan, expected: `${path} > ${greaterThan}`, came }]),
    ...(lessThan === undefined
      ? []
      : [{ passed: isNumber && value < lessThan, expected: `${path} < ${lessThan}`, came }]),
    ...(matches === undefined ? [] : [matched(`${path} to match ${matches}`, matches, value)]),
  ]
}

const matched = (expected: string, pattern: string, value: unknown): Judged =>
  value === undefined
    ? { passed: false, expected, came: shown(value) }
    : found(expected, pattern, typeof value === 'string' ? value : JSON.stringify(value))

function jsonOf(stdout: string): { value: unknown } | { fault: string } {
  try {
    return { value: jsonValue(stdout) }
  } catch (thrown) {
    return { fault: `no JSON: ${messageOf(thrown)}` }
  }
}

async function judgedFiles(path: string, scope: string): Promise<Judged> {
  const { folders, files } = await treeOf(scope)
  const there = [...files, ...folders].filter(globMatcher(path))
  return { passed: there.length > 0, expected: path, came: there.length === 0 ? 'nothing' : there.join(', ') }
}

type OneFile = { path: string; fault?: never } | { path?: never; fault: string }

/** The one file of a folder that a pattern means. */
async function oneFile(path: string, folder: string): Promise<OneFile> {
  const [file, other] = (await treeOf(folder)).files.filter(globMatcher(path))
  if (file === undefined) return { fault: 'no such file' }
  return other === undefined ? { path: join(folder, file) } : { fault: `several files: ${file}, ${other}` }
}

async function judgedText({ path, fixture }: FileContains, { fixtures }: Suite, scope: string): Promise<Judged> {
  const expected = `${path} to hold ${fixture} byte for byte`
  const file = await oneFile(path, scope)
  if (file.fault !== undefined) return { passed: false, expected, came: file.fault }
  if (!fixtures.tree.files.includes(fixture)) return { passed: false, expected, came: 'there is no such fixture' }
  const passed = (await readFile(file.path)).includes(await readFile(join(fixtures.folder, fixture)))
  return { passed, expected, came: passed ? 'it does' : 'it does not' }
}

async function judgedSchema({ path, schema }: FileMatches, suite: Suite, scope: string): Promise<Judged> {
  const expected = `${path} to fit ${schema}`
  const file = await oneFile(path, scope)
  const fault = file.fault ?? (await schemaFault(await readFile(file.path ?? '', 'utf8'), schema, suite.schemas))
  return { passed: fault === undefined, expected, came: fault ?? 'it does' }
}

const SHOWN_CHARS = 500

function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text
}
