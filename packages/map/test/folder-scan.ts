import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { validatorOf } from '@tenon/contract/schema'
import {
  scan,
  scanResultSchema,
  type Contribution,
  type Extension,
  type ExtensionSource,
  type Link,
  type MapPlugin,
  type Scan,
  type ScanEvent,
  type ScanOptions,
} from '@tenon/map'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'
import { expect } from 'vitest'

export type Files = Record<string, string | Uint8Array>

export function writeFiles(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

/** What a scan leaves to be shown, node by node. */
export const saidIn = ({ contributions }: Pick<Scan, 'contributions'>): Contribution[] =>
  [...contributions.values()].flat()

export type FolderScan = Scan & { events: ScanEvent[]; errors: ScanEvent[] }

const results = validatorOf(scanResultSchema)

type Request = {
  files?: Files
  folder?: string
  roots?: string[]
  options?: ScanOptions
  extensions?: readonly ExtensionSource[]
  env?: Record<string, string>
}

/** Scans a folder made of these files. Whatever comes out must fit the schema of a scan result. */
export async function scanFolder(request: Request): Promise<FolderScan> {
  const folder = request.folder ?? temporaryFolder()
  writeFiles(folder, request.files ?? {})
  const events: ScanEvent[] = []
  const done = await scan({
    roots: request.roots ?? ['.'],
    world: simulatedWorld(1, { cwd: folder, env: request.env ?? {} }),
    options: { tokens: false, ...request.options, onEvent: (event) => events.push(event) },
    ...(request.extensions === undefined ? {} : { extensions: request.extensions }),
  })
  expect(results.problems(done.result)).toEqual([])
  return { ...done, events, errors: events.filter(({ type }) => type === 'extension.error') }
}

/** The links of one file with this body, each as `kind target`. */
export async function linksOf(body: string, files: Files = {}): Promise<string[]> {
  const { result } = await scanFolder({ files: { 'docs/a.md': body, ...files } })
  return result.links.filter(({ source }) => source === 'docs/a.md').map(brief)
}

export const brief = ({ kind, target }: Link): string => `${kind} ${target}`

/** A plugin of one's own around these extensions. */
export const pluginOf = (
  id: string,
  extensions: readonly (Extension | object)[],
  facts: Partial<MapPlugin> = {},
): ExtensionSource[] =>
  extensions.map((extension) => ({
    plugin: { id, version: '1.0.0', granularity: 'bundle', ...facts },
    module: { default: extension },
  }))

export const named = (name: string, more = ''): string =>
  `---\nname: ${name}\ndescription: About ${name}.\n${more}---\n`
