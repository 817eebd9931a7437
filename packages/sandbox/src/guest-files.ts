import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { World } from '@tenon/contract'
import { ABSENT, unlessFault } from './expected-fault.ts'

export type GuestFile = { target: string; bytes: Uint8Array }

const GUEST = new URL('./guest.ts', import.meta.url)
const BRIDGE = new URL('./bridge.ts', import.meta.url)
const HANDED_OVER = new URL('./handed-over.ts', import.meta.url)
const PYTHON_GUEST = new URL('./guest.py', import.meta.url)
const SDK_FOLDER = '/node_modules/@tenon/sdk'

export const GUEST_TARGET = '/tenon/guest.mjs'
export const BRIDGE_TARGET = '/tenon/bridge.mjs'
const HANDED_OVER_TARGET = '/tenon/handed-over.mjs'
export const PYTHON_GUEST_TARGET = '/tenon/guest.py'

/** What a node plugin finds besides itself: the guest, and `@tenon/sdk` with `@tenon/sdk/testing`, as JavaScript. */
export async function nodeGuestFiles(world: World, stateDir: string): Promise<GuestFile[]> {
  return [
    await programFile(world, { source: GUEST, target: GUEST_TARGET, stateDir }),
    await programFile(world, { source: HANDED_OVER, target: HANDED_OVER_TARGET, stateDir }),
    ...(await sdkFiles(world, stateDir)),
  ]
}

export const pythonGuestFiles = async (): Promise<GuestFile[]> => [
  { target: PYTHON_GUEST_TARGET, bytes: await readFile(PYTHON_GUEST) },
]

/** What brings a process with a way out to it. */
export const bridgeFile = (world: World, stateDir: string): Promise<GuestFile> =>
  programFile(world, { source: BRIDGE, target: BRIDGE_TARGET, stateDir })

async function programFile(
  world: World,
  { source, target, stateDir }: { source: URL; target: string; stateDir: string },
): Promise<GuestFile> {
  return { target, bytes: Buffer.from(await javascriptOf(world, fileURLToPath(source), stateDir)) }
}

async function sdkFiles(world: World, stateDir: string): Promise<GuestFile[]> {
  const { resolve } = createRequire(import.meta.url)
  const faces = { '.': resolve('@tenon/sdk'), './testing': resolve('@tenon/sdk/testing') }
  const targetOf = (source: string): string => `./${basename(source).replace(/\.ts$/, '.js')}`
  const exports = Object.fromEntries(Object.entries(faces).map(([face, source]) => [face, targetOf(source)]))
  const files = new Map([['package.json', JSON.stringify({ name: '@tenon/sdk', type: 'module', exports })]])
  const sources = Object.values(faces)
  for (const source of sources) {
    if (files.has(targetOf(source))) continue
    const code = await javascriptOf(world, source, stateDir)
    files.set(targetOf(source), code.replaceAll(/(from ['"]\.\/[^'"]+)\.ts(?=['"])/g, '$1.js'))
    for (const [, name = ''] of code.matchAll(/from ['"]\.\/([^'"]+)['"]/g)) sources.push(join(dirname(source), name))
  }
  return [...files].map(([name, text]) => ({ target: join(SDK_FOLDER, name), bytes: Buffer.from(text) }))
}

/** Types are stripped once for each text and kept by its digest, because loading the stripper costs more than a start. */
async function javascriptOf(world: World, path: string, stateDir: string): Promise<string> {
  const source = await readFile(path, 'utf8')
  if (!path.endsWith('.ts')) return source
  const folder = join(stateDir, 'guest')
  const kept = join(folder, `${createHash('sha256').update(process.version).update(source).digest('hex')}.mjs`)
  const known = await unlessFault(readFile(kept, 'utf8'), ABSENT, undefined)
  if (known !== undefined) return known
  const code = stripTypeScriptTypes(source)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const fresh = `${kept}.${world.newId()}`
  await writeFile(fresh, code)
  await rename(fresh, kept)
  return code
}
