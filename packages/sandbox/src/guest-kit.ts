import { createHash } from 'node:crypto'
import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { World } from '@tenon/contract'
import { ABSENT, hasCode, unlessFault } from './expected-fault.ts'
import type { Shown } from './runtime.ts'

export const GUEST_TARGET = '/tenon/guest.mjs'
export const BRIDGE_TARGET = '/tenon/bridge.mjs'
export const PYTHON_GUEST_TARGET = '/tenon/guest.py'

const PROGRAMS = {
  [GUEST_TARGET]: new URL('./guest.ts', import.meta.url),
  '/tenon/handed-over.mjs': new URL('./handed-over.ts', import.meta.url),
  [BRIDGE_TARGET]: new URL('./bridge.ts', import.meta.url),
  [PYTHON_GUEST_TARGET]: new URL('./guest.py', import.meta.url),
}

/** What the host itself brings to plugins and functions, by its place. */
export type GuestKit = {
  programs: Shown
  modules: Shown
  /** Where code seems to lie that is handed in as text: nothing is there. */
  noCode: Shown
}

const known = new Map<string, Promise<GuestKit>>()

/**
 * The guests, and `@tenon/sdk` with `@tenon/sdk/testing`, as JavaScript in a folder of the host's own. It is made once for
 * each text of them, because stripping types costs more than a start.
 */
export function guestKit(world: World, stateDir: string): Promise<GuestKit> {
  const kit = known.get(stateDir) ?? madeKit(world, stateDir)
  known.set(stateDir, kit)
  kit.catch(() => known.delete(stateDir))
  return kit
}

type Texts = ReadonlyMap<string, { source: string; text: string }>

async function madeKit(world: World, stateDir: string): Promise<GuestKit> {
  const texts: Texts = new Map([...(await programTexts()), ...(await sdkTexts())])
  const digest = createHash('sha256').update(process.version)
  for (const [target, { text }] of texts) digest.update(`${target}\0${text}\0`)
  const folder = join(stateDir, 'guest', digest.digest('hex'))
  if (!(await isThere(folder))) await writeKit(world, folder, texts)
  return {
    programs: { source: join(folder, 'tenon'), target: '/tenon' },
    modules: { source: join(folder, 'node_modules'), target: '/node_modules' },
    noCode: { source: join(folder, 'plugin'), target: '/plugin' },
  }
}

const isThere = (path: string): Promise<boolean> =>
  unlessFault(
    access(path).then(() => true),
    ABSENT,
    false,
  )

/** Aside first, and in force at once; another process may have been faster. */
async function writeKit(world: World, folder: string, texts: Texts): Promise<void> {
  const aside = `${folder}.${world.newId()}`
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 })
  await mkdir(join(aside, 'plugin'), { recursive: true, mode: 0o755 })
  for (const [target, { source, text }] of texts) {
    await mkdir(dirname(join(aside, target)), { recursive: true, mode: 0o755 })
    await writeFile(join(aside, target), source.endsWith('.ts') ? stripTypeScriptTypes(text) : text, { mode: 0o644 })
  }
  await rename(aside, folder).catch(async (thrown: unknown) => {
    await rm(aside, { recursive: true })
    if (!hasCode(thrown, ['ENOTEMPTY', 'EEXIST'])) throw thrown
  })
}

async function programTexts(): Promise<Texts> {
  const texts = Object.entries(PROGRAMS).map(async ([target, url]) => {
    const source = fileURLToPath(url)
    return [target, { source, text: await readFile(source, 'utf8') }] as const
  })
  return new Map(await Promise.all(texts))
}

const SDK_FOLDER = '/node_modules/@tenon/sdk'

async function sdkTexts(): Promise<Texts> {
  const { resolve } = createRequire(import.meta.url)
  const faces = { '.': resolve('@tenon/sdk'), './testing': resolve('@tenon/sdk/testing') }
  const nameOf = (source: string): string => `./${basename(source).replace(/\.ts$/, '.js')}`
  const exports = Object.fromEntries(Object.entries(faces).map(([face, source]) => [face, nameOf(source)]))
  const description = JSON.stringify({ name: '@tenon/sdk', type: 'module', exports })
  const texts = new Map([[join(SDK_FOLDER, 'package.json'), { source: '', text: description }]])
  const sources = new Set(Object.values(faces))
  for (const source of sources) {
    const text = await readFile(source, 'utf8')
    const renamed = text.replaceAll(/(from ['"]\.\/[^'"]+)\.ts(?=['"])/g, '$1.js')
    texts.set(join(SDK_FOLDER, nameOf(source)), { source, text: renamed })
    for (const [, name = ''] of text.matchAll(/from ['"]\.\/([^'"]+)['"]/g)) sources.add(join(dirname(source), name))
  }
  return texts
}
