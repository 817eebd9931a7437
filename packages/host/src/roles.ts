import type { Description } from '@tenon/contract'

/** First path segments that are the host's own and never a role. */
const RESERVED = [
  'plugins',
  'gateway',
  'messaging',
  'admin',
  'auth',
  'workspace',
  'runs',
  'map',
  'ledger',
  'policy',
  'registry',
  'ui',
  'assets',
  'api',
  'ws',
  'log',
  'keys',
  'health',
  'metrics',
]

const kebab = (name: string): string => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()

/** `IdentityPlugin` → `identity`; undefined when the word is reserved. */
function roleOf(contract: string): string | undefined {
  const role = kebab(contract.replace(/Plugin$/, ''))
  return role === '' || RESERVED.includes(role) ? undefined : role
}

export const rolesOf = (description: Description): string[] =>
  (description.contracts ?? []).flatMap((contract) => roleOf(contract) ?? [])

/**
 * The declared endpoint that a path meets: exactly, or as its last whole segments of which one is literal. `{name}` is
 * any one segment.
 */
export function endpointFor(
  path: string,
  endpoints: Readonly<Record<string, string>>,
): { name: string; path: string } | undefined {
  const wanted = segmentsOf(path)
  const matches = Object.entries(endpoints).flatMap(([name, template]) => {
    const declared = segmentsOf(template)
    const lead = declared.slice(0, declared.length - wanted.length)
    const tail = declared.slice(lead.length)
    const meets =
      wanted.length > 0 &&
      declared.length >= wanted.length &&
      tail.every((part, index) => isVariable(part) || part === wanted[index])
    const literal = tail.filter((part) => !isVariable(part)).length
    if (!meets || lead.some(isVariable) || (lead.length > 0 && literal === 0)) return []
    return [{ name, path: `/${[...lead, ...wanted].join('/')}`, literal, lead: lead.length }]
  })
  const [best] = matches.toSorted((a, b) => a.lead - b.lead || b.literal - a.literal)
  return best
}

const isVariable = (part: string): boolean => /^\{\w+\}$/.test(part)
const segmentsOf = (path: string): string[] => path.split('/').filter((part) => part !== '')

/** Why a path that a caller sent must not be forwarded, or undefined. */
export function forwardPathFault(path: string): string | undefined {
  if (/%2f|%5c|%00/i.test(path)) return 'holds an encoded slash or null'
  if (path.includes('//') || path.includes('\\')) return 'holds an empty segment or a backslash'
  return path.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part)) ? 'holds a dot segment' : undefined
}
