import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newPlugin, SCAFFOLD_KINDS, validatePlugin, type ScaffoldKind } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import type { Disk, PluginSpec, Problem } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { afterAll, beforeAll, expect } from 'vitest'

export const policies = fileURLToPath(new URL('../../../policies', import.meta.url))
export const DERIVED = [
  'README_PLUGIN.md',
  'healthcheck.md',
  'ledger_contract.json',
  'manifest.json',
  'policy_snapshot.json',
]
/** The moment as of which plugins are validated. */
export const at = Date.UTC(2026, 10, 20)
export const code = (name: string) => expect.objectContaining({ code: name })

/** The real disk, but nothing waits for the medium: a test's folder need not outlive a power cut. */
export const quickDisk: Disk = { ...nodeDisk, flush: async () => undefined }

export const scaffold = (kind: ScaffoldKind, id: string, parent: string) =>
  newPlugin(quickDisk, parent, policies, { id, kind, publisher: 'acme' })

/** Scaffolds one plugin of each kind for a test file; the answer gives copies of them. */
export function scaffoldOnce(): (kind?: ScaffoldKind) => string {
  let templates = ''
  beforeAll(async () => {
    templates = mkdtempSync(join(tmpdir(), 'tn-'))
    for (const kind of SCAFFOLD_KINDS) await scaffold(kind, 'demo-plugin', join(templates, kind))
  })
  afterAll(() => rmSync(templates, { recursive: true }))
  return (kind = 'node') => {
    const root = join(temporaryFolder(), 'demo-plugin')
    cpSync(join(templates, kind, 'demo-plugin'), root, { recursive: true })
    return root
  }
}

export const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8')

export function write(root: string, path: string, text: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

export const edit = (root: string, path: string, change: (text: string) => string): void =>
  write(root, path, change(read(root, path)))

/** Changes the spec, laid out as a person would. */
export const editSpec = (root: string, change: (spec: PluginSpec & Record<string, unknown>) => void): void =>
  edit(root, 'plugin.spec.json', (text) => {
    const spec = JSON.parse(text) as PluginSpec & Record<string, unknown>
    change(spec)
    return `${JSON.stringify(spec, null, 2)}\n`
  })

export const problemsOf = async (root: string, packs = policies): Promise<Problem[]> =>
  (await validatePlugin(nodeDisk, root, packs, at)).problems

const line = ({ file, line: row, message }: Problem): string => [[file, row ?? []].flat().join(':'), message].join(' ')

/** What a person reads: file, line and message. */
export const told = async (root: string, packs = policies): Promise<string[]> =>
  (await problemsOf(root, packs)).map(line)

/** What is told of every change after which nothing was derived. */
const NOT_DERIVED = ['DERIVED_DRIFT', 'CHECKSUM_MISMATCH', 'FILE_UNLISTED', 'FILE_LOST']

/** What a person reads of a change itself. */
export const toldOfChange = async (root: string): Promise<string[]> =>
  (await problemsOf(root)).filter((problem) => !NOT_DERIVED.includes(problem.code)).map(line)
