import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mount } from './mount.ts'
import { INVISIBLE, isInside, READ_ONLY } from './protected-paths.ts'
import type { Runtime } from './runtime.ts'

/** What a process may do at a path of the host and below it; `list` is to see the names in a folder. */
export type FileRule = readonly [may: 'list' | 'read' | 'run' | 'device' | 'write', path: string]

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'].map((name) => `/dev/${name}`)

/** What interpreters ask of the machine and of themselves; whether others are there, or how it is connected, is not in it. */
const FACTS = [
  ...['cpuinfo', 'loadavg', 'meminfo', 'stat', 'uptime'].map((name) => `/proc/${name}`),
  ...['auxv', 'cmdline', 'comm', 'limits', 'maps', 'stat', 'statm', 'status'].map((name) => `/proc/self/${name}`),
  '/etc/ld.so.cache',
]

/** The rules that hold for every process. */
export async function commonRules(): Promise<FileRule[]> {
  return [...(await there('device', DEVICES)), ...(await there('read', FACTS)), ['list', '/proc/self/fd']]
}

async function there(may: FileRule[0], paths: readonly string[]): Promise<FileRule[]> {
  const found = paths.map((path) =>
    access(path).then(
      (): FileRule[] => [[may, path]],
      () => [],
    ),
  )
  return (await Promise.all(found)).flat()
}

/** An interpreter and what it needs, without what its profile hides. */
export async function runtimeRules({ shown, hidden }: Runtime): Promise<FileRule[]> {
  const rules = shown.map(async ({ source, target }): Promise<FileRule[]> => {
    const left = hidden.filter((path) => isBelow(path, target)).map((path) => source + path.slice(target.length))
    const names: FileRule[] = left.length === 0 ? [] : [['list', source]]
    return [...names, ...(await rulesBelow('run', source, left))]
  })
  return (await Promise.all(rules)).flat()
}

/** What was granted, without what is the workspace's own, or was granted to be read only. */
export async function mountRules(mounts: readonly Mount[], workspace: string | undefined): Promise<FileRule[]> {
  const own = (names: readonly string[]): string[] =>
    workspace === undefined ? [] : names.map((name) => join(workspace, name))
  const rules = mounts.map(async ({ source, readOnly }): Promise<FileRule[]> => {
    const inner = mounts.filter((mount) => mount.readOnly && !readOnly).map((mount) => mount.source)
    const [hidden, fixed, less] = [own([INVISIBLE]), own(READ_ONLY), inner].map((paths) =>
      paths.filter((path) => isBelow(path, source)),
    ) as [string[], string[], string[]]
    return [
      ...(await rulesBelow(readOnly ? 'read' : 'write', source, [...hidden, ...fixed, ...less])),
      ...(await there('read', fixed)),
    ]
  })
  return (await Promise.all(rules)).flat()
}

/**
 * Rules only ever add, so a folder with an exception in it is granted entry by entry; that is why such a folder can be
 * neither listed nor given entries. What a link leads to was not granted with it.
 */
async function rulesBelow(may: FileRule[0], folder: string, excepted: readonly string[]): Promise<FileRule[]> {
  if (excepted.length === 0) return [[may, folder]]
  const entries = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isFile() || entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .filter((path) => !excepted.includes(path))
  const rules = entries.map((path) =>
    rulesBelow(
      may,
      path,
      excepted.filter((other) => isBelow(other, path)),
    ),
  )
  return (await Promise.all(rules)).flat()
}

const isBelow = (path: string, folder: string): boolean => path !== folder && isInside(path, folder)
