import { TenonError, type Problem } from '@tenon/contract'
import { nearest } from '@tenon/contract/schema'

/** What a query asks for; null where it does not care. */
export type ExportFilters = { kinds: string[] | null; hasIssues: boolean; paths: string[] | null }

const KEYS = ['kind', 'has', 'path']

/**
 * Reads `kind=a,b has=issues path=glob,…`, in which a node has to fulfil every word. Throws QUERY_INVALID with every
 * mistake and the character, counted from 1, that it begins at.
 */
export function parseExportQuery(query: string): ExportFilters {
  const values = new Map<string, string[]>()
  const problems = [...query.matchAll(/\S+/g)].flatMap(({ 0: word, index }) => {
    const cut = word.indexOf('=')
    const key = cut < 0 ? word : word.slice(0, cut)
    const given = word.slice(cut + 1).split(',')
    const fault =
      cut < 0 ? (keyFault(key) ?? `"${key}" has no value`) : (keyFault(key) ?? valueFault(key, given, values))
    if (fault === undefined) values.set(key, given)
    return fault === undefined ? [] : [{ position: index + 1, fault }]
  })
  if (problems.length > 0) throw invalid(query, problems)
  return { kinds: values.get('kind') ?? null, hasIssues: values.has('has'), paths: values.get('path') ?? null }
}

function keyFault(key: string): string | undefined {
  if (KEYS.includes(key)) return undefined
  const meant = nearest(key, KEYS)
  return `"${key}" is no filter${meant === undefined ? `: there are ${KEYS.join(', ')}` : `; did you mean "${meant}"?`}`
}

function valueFault(key: string, given: readonly string[], earlier: ReadonlyMap<string, unknown>): string | undefined {
  if (earlier.has(key)) return `"${key}" is given twice`
  if (given.includes('')) return `"${key}" has an empty value`
  const other = key === 'has' ? given.find((value) => value !== 'issues') : undefined
  return other === undefined ? undefined : `nodes can have "issues", and no "${other}"`
}

type Fault = { position: number; fault: string }

function invalid(query: string, faults: readonly Fault[]): TenonError {
  const problems = faults.map(
    ({ position, fault }): Problem => ({
      pointer: '',
      code: 'QUERY_INVALID',
      message: `character ${position}: ${fault}`,
    }),
  )
  return new TenonError('QUERY_INVALID', `the query ${JSON.stringify(query)} has ${problems.length} problem(s)`, {
    hint: 'A query is for example: kind=agent,skill has=issues path=docs/**',
    details: { query, positions: faults.map(({ position }) => position) },
    problems,
  })
}
