import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { dialects, readDialect } from '@tenon/contract/schema'
import { derivedDocs } from './derived-docs.ts'

test.each(Object.keys(derivedDocs))('%s says what the source says', (path) => {
  const text = readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')
  expect(text, 'run "npm run docs"').toBe(derivedDocs[path]?.())
})

/** A full manifest of each dialect: every field of the table occurs, and what is mapped arrives. */
const full = {
  host: {
    id: 'a',
    name: 'A',
    version: '1.0.0',
    description: 'd',
    contracts: ['IdentityPlugin'],
    traits: ['handles_phi', 'external_service'],
    dependencies: ['b'],
    allowed_domains: ['a.org'],
    endpoints: { x: '/x' },
    host: 'h',
    security: { authentication_required: true, data_classification: ['phi'] },
    compliance: { hipaa_controls: ['164.312(a)'], audit_level: 'basic' },
    health_check: { port: 1 },
    resources: { memory_limit: 64, cpu_limit: 1 },
  },
  dataset: {
    meta: {
      api_version: 'mdivicomtools.plugin.v0.1',
      id: 'a',
      kind: 'python',
      version: '1',
      description: 'd',
      publisher: 'p',
      name: 'N',
      homepage: 'h',
      license: 'l',
      inputs: [{ name: 'i', path_globs: ['*'] }],
      outputs: [{ name: 'o', paths: ['*'] }],
      config_schema: {},
      authors: ['x'],
    },
    entry: { callable: 'a:b', container: { image: 'i', argv: ['x'] } },
  },
  'skill-map': {
    id: 'a',
    version: '1',
    specCompat: '*',
    extensions: ['x.js'],
    catalogCompat: '*',
    granularity: 'bundle',
    storage: { mode: 'kv' },
    settings: { s: { type: 'boolean-flag', label: 'S' } },
    description: 'd',
    license: 'l',
    homepage: 'https://a.org',
    repository: 'https://a.org',
    author: 'x',
  },
}

const at = (object: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object)

const KEPT = /^(ignored|kept|refused|runtime \()/

test.each(Object.keys(full) as (keyof typeof full)[])('every field of the %s table is what becomes of it', (name) => {
  const { description, problems } = readDialect(name, JSON.stringify(full[name]))
  expect(problems).toEqual([])
  for (const { field, becomes } of dialects[name].fields) {
    expect(at(full[name], field), `the example lacks ${field}`).toBeDefined()
    if (!KEPT.test(becomes)) expect(at(description, becomes.replace(/ .*/, '')), field).toBeDefined()
  }
})

test.each(Object.keys(full) as (keyof typeof full)[])('the %s table lists every field of the example', (name) => {
  const listed = dialects[name].fields.map(({ field }) => field)
  const fields = Object.entries(full[name]).flatMap(([key, value]) =>
    ['security', 'compliance', 'resources', 'meta', 'entry'].includes(key)
      ? Object.keys(value).map((inner) => `${key}.${inner}`)
      : [key],
  )
  expect(fields.filter((field) => !listed.includes(field))).toEqual([])
})
