import { basename, join } from 'node:path'
import { limits, TenonError, type Problem } from '@tenon/contract'
import { readText } from '../files/read-text.ts'
import { readCase, type ConformanceCase } from './case-format.ts'
import { caseProblem } from './case-problem.ts'
import { treeOf, type Tree } from './tree.ts'

/** Cases and what they are made of. All of it lies in one folder, and nothing of it is a link. */
export type Suite = {
  /** `spec`, or `provider:<id>` for what a Provider brings. */
  scope: string
  fixtures: { folder: string; tree: Tree }
  schemas: { folder: string; tree: Tree }
  cases: SuiteCase[]
}

export type SuiteCase =
  | { id: string; conformanceCase: ConformanceCase; problems?: never }
  | { id: string; problems: Problem[] }

/**
 * The suites of a folder: `cases/`, `fixtures/` and `schemas/`, of Providers below `providers/<id>/`. The first two may
 * lie in `conformance/`, as in skill-map's own tree. Throws SUITE_INVALID where there is no case.
 */
export async function readSuites(folder: string, scope: string): Promise<Suite[]> {
  const whole = await treeOf(join(folder, 'cases'))
  const root = whole.files.length > 0 ? folder : join(folder, 'conformance')
  const { folders } = await treeOf(join(root, 'providers'))
  const providers = folders.filter((path) => !path.includes('/'))
  const schemas = join(folder, 'schemas')
  const all = [
    await readSuite('spec', root, schemas),
    ...(await Promise.all(providers.map((id) => readSuite(`provider:${id}`, join(root, 'providers', id), schemas)))),
  ].filter(({ cases }) => cases.length > 0)
  return wanted(folder, scope, all)
}

function wanted(folder: string, scope: string, all: Suite[]): Suite[] {
  if (all.length === 0)
    throw new TenonError('SUITE_INVALID', `${folder} holds no case`, {
      hint: 'A suite has cases in cases/<id>.json and what they are made of in fixtures/.',
    })
  const found = all.filter((suite) => scope === 'all' || suite.scope === scope)
  if (found.length > 0) return found
  throw new TenonError('SUITE_INVALID', `${folder} holds no case of the scope "${scope}"`, {
    hint: `It is one of: all, ${all.map((suite) => suite.scope).join(', ')}.`,
  })
}

async function readSuite(scope: string, folder: string, schemas: string): Promise<Suite> {
  const cases = join(folder, 'cases')
  const fixtures = join(folder, 'fixtures')
  const { files, others } = await treeOf(cases)
  const names = [...files, ...others].filter((path) => path.endsWith('.json')).sort()
  return {
    scope,
    fixtures: { folder: fixtures, tree: await treeOf(fixtures) },
    schemas: { folder: schemas, tree: await treeOf(schemas) },
    cases: await Promise.all(names.map((name) => readSuiteCase(join(cases, name)))),
  }
}

async function readSuiteCase(path: string): Promise<SuiteCase> {
  const id = basename(path, '.json')
  const { text } = readText(path, limits.specBytes)
  return { id, ...(text === undefined ? { problems: [unreadable] } : readCase(text, id)) }
}

const unreadable = caseProblem('', 'is no file that can be read, a link, or too large')
