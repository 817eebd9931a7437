import assert from 'node:assert/strict'
import { cpSync, existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readPackage } from './package-file.ts'

/**
 * Copies an installed package, and all that it needs, into the `node_modules` of a dist/: npm packs these as bundled
 * dependencies, so that whoever installs fetches nothing. Of this repository's own packages, what is published is taken.
 */
export function carry(dist: string, name: string, importer: string, wanted = (_: string): boolean => true): void {
  const source = installed(name, importer)
  const target = join(dist, 'node_modules', name)
  const { version, dependencies = {}, optionalDependencies = {} } = readPackage(source)
  if (existsSync(target)) return assert.equal(readPackage(target).version, version, `two versions of ${name}`)
  cpSync(source, target, {
    recursive: true,
    dereference: true,
    filter: (path) => wanted(path) || path.endsWith('/package.json') || statSync(path).isDirectory(),
  })
  // An optional dependency is a native part for one kind of machine; those for other kinds are not installed here.
  const optional = Object.keys(optionalDependencies).filter((one) => folderOf(one, source) !== undefined)
  for (const one of [...Object.keys(dependencies), ...optional])
    if (!existsSync(join(source, 'node_modules', one))) carry(dist, one, source, wanted)
}

/** As `carry`, for a package whose code is bundled, but whose types appear in ours. */
export const carryTypes = (dist: string, name: string, importer: string): void =>
  carry(dist, name, importer, (path) => /\.d\.[cm]?ts$|\/licen[cs]e/i.test(path))

function installed(name: string, importer: string): string {
  const folder = folderOf(name, importer)
  assert(folder !== undefined, `${name} is not installed for ${importer}`)
  return name.startsWith('@tenon/') ? join(folder, 'dist') : folder
}

/** Where Node finds a package, walking up from its importer. */
function folderOf(name: string, importer: string): string | undefined {
  for (let folder = importer; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name)
    if (existsSync(join(candidate, 'package.json'))) return realpathSync(candidate)
    if (folder === dirname(folder)) return undefined
  }
}
