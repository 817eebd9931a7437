import type { CatalogDocument, CatalogRelease } from '@tenon/contract'
import { answerCatalog, type CatalogAnswer } from '@tenon/resolver'
import { expect } from 'vitest'

/**
 * A catalog in one line: `root: a ^1, ?b *; a: 1.0.0 (c ^1, @tenon >=2) 1.1.0; lock: a 1.0.0; runtime: tenon 1.4.0`.
 * In a list `?` marks an optional dependency, `&` one that counts if present, `!` a conflict, `@` an engine; `yanked` is
 * itself. `pin:` is a lock that nothing may leave.
 */
function scenario(text: string): CatalogDocument {
  const document: CatalogDocument = { root: {}, packages: {} }
  for (const section of text.split(';')) {
    const [name, body] = split(section, ':')
    if (name === 'root') document.root = requirements(body)
    else if (name === 'runtime') document.runtime = Object.fromEntries(pairs(body))
    else if (name === 'lock' || name === 'pin') {
      document.locked = Object.fromEntries(pairs(body))
      document.lockMode = name === 'pin' ? 'pin' : 'prefer'
    } else if (name !== '') document.packages[name] = releases(body)
  }
  return document
}

/** Solves a scenario and compares what was chosen, written as `a 1.0.0, b 2.0.0`. */
export async function check(text: string, expected: string): Promise<void> {
  const answer = await answerTo(text)
  expect('ok' in answer ? chosen(answer.ok) : answer.message).toBe(expected)
}

export async function messageOf(text: string): Promise<string> {
  const answer = await answerTo(text)
  return 'unsat' in answer ? answer.message : `solved: ${chosen(answer.ok)}`
}

export async function fixesOf(text: string): Promise<string[]> {
  const answer = await answerTo(text)
  return 'unsat' in answer ? answer.fixes : [`solved: ${chosen(answer.ok)}`]
}

export async function warningsOf(text: string): Promise<string[]> {
  const answer = await answerTo(text)
  return 'ok' in answer ? (answer.warnings ?? []) : [answer.message]
}

const answerTo = async (text: string): Promise<CatalogAnswer> => (await answerCatalog(scenario(text))) as CatalogAnswer

const chosen = (ok: Record<string, string>): string =>
  Object.entries(ok)
    .map(([id, version]) => `${id} ${version}`)
    .join(', ')

function releases(body: string): Record<string, CatalogRelease> {
  const found = body.matchAll(/([^\s()]+)(?:\s*\(([^)]*)\))?/g)
  return Object.fromEntries([...found].map(([, version = '', list = '']) => [version, requirements(list)]))
}

const FIELDS = { '?': 'optionalDeps', '&': 'ifPresent', '!': 'conflicts', '@': 'engines' } as const

function requirements(list: string): CatalogRelease {
  const release: CatalogRelease = {}
  for (const item of list.split(',').map((part) => part.trim())) {
    if (item === 'yanked') release.yanked = true
    if (item === 'yanked' || item === '') continue
    const mark = Object.entries(FIELDS).find(([sign]) => item.startsWith(sign))
    const [id, range] = split(mark === undefined ? item : item.slice(1), ' ')
    const field = mark?.[1] ?? 'deps'
    release[field] = { ...release[field], [id]: range }
  }
  return release
}

const pairs = (list: string): [string, string][] => list.split(',').map((item) => split(item.trim(), ' '))

function split(text: string, at: string): [string, string] {
  const position = text.indexOf(at)
  return position < 0 ? [text.trim(), ''] : [text.slice(0, position).trim(), text.slice(position + 1).trim()]
}
