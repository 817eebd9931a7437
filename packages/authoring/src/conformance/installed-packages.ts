import { readFile, realpath } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname } from 'node:path'
import { assert, jsonValue } from '@tenon/contract'

/** A package as Node finds it from a module of this one. */
export type InstalledPackage = { version: string; folder: string; dependencies: readonly string[] }

type PackageFile = { version: string; dependencies?: object; optionalDependencies?: object }

export async function installedPackage(name: string, from: string = import.meta.url): Promise<InstalledPackage> {
  const path = findPackageJSON(name, from)
  assert(path !== undefined, `${name} is installed with what needs it`)
  const { version, dependencies = {} } = jsonValue(await readFile(path, 'utf8')) as PackageFile
  return { version, folder: dirname(await realpath(path)), dependencies: Object.keys(dependencies) }
}

/** The folders of packages and of all that they need, by name. */
export async function foldersWithNeeds(
  names: readonly string[],
  from: string = import.meta.url,
  found = new Map<string, string>(),
): Promise<ReadonlyMap<string, string>> {
  for (const name of names) {
    const { folder, dependencies } = await installedPackage(name, from)
    found.set(name, folder)
    await foldersWithNeeds(dependencies, `${folder}/package.json`, found)
  }
  return found
}

/** Of a package whose program is another one for each kind of machine: the folder of what is installed here. */
export async function nativePart(folder: string): Promise<string> {
  const from = `${folder}/package.json`
  const { optionalDependencies = {} } = jsonValue(await readFile(from, 'utf8')) as PackageFile
  const here = Object.keys(optionalDependencies).find((name) => isInstalled(name, from))
  assert(here !== undefined, `${folder} has a part for this kind of machine`)
  return (await installedPackage(here, from)).folder
}

function isInstalled(name: string, from: string): boolean {
  try {
    return findPackageJSON(name, from) !== undefined
  } catch {
    return false
  }
}

/** The versions of what sources are checked with. */
export async function checkerVersions(): Promise<Record<string, string>> {
  const version = async (name: string): Promise<string> => (await installedPackage(name)).version
  return { typescript: await version('typescript'), oxlint: await version('oxlint') }
}
