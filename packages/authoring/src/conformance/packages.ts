import { mkdir, realpath, symlink } from 'node:fs/promises'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { isObject, ownValue, readJson, type Json } from '@tenon/contract'
import type { PluginFolder } from '../folder/plugin-folder.ts'

/** It comes with the host, in the version of the host. */
const SDK = '@tenon/sdk'

/**
 * Links the packages that the `package.json` of a plugin names, and that are installed for the folder it came from, into its
 * folder at `root`. Gives what they and all that they need lie in. A name that is not installed is left to who imports it.
 */
export async function linkPackages(folder: PluginFolder, root: string): Promise<string[]> {
  const holders = new Set<string>()
  for (const name of named(folder)) {
    const found = installedAt(name, folder.root)
    if (found === undefined) continue
    const source = await realpath(found)
    const link = join(root, 'node_modules', name)
    await mkdir(dirname(link), { recursive: true })
    await symlink(source, link)
    holders.add(holderOf(source))
  }
  return [...holders]
}

function named(folder: PluginFolder): string[] {
  const { value = null } = readJson(folder.text('package.json') ?? 'null')
  const names = ['dependencies', 'devDependencies'].flatMap((key) => keysOf(isObject(value) && ownValue(value, key)))
  return [...new Set(names)].filter((name) => NAME.test(name) && name !== SDK)
}

const NAME = /^(?:@[a-z0-9-][a-z0-9._-]*\/)?[a-z0-9-][a-z0-9._-]*$/

const keysOf = (value: Json | undefined | false): string[] => (isObject(value) ? Object.keys(value) : [])

function installedAt(name: string, root: string): string | undefined {
  try {
    const path = findPackageJSON(name, join(root, 'package.json'))
    return path && dirname(path)
  } catch {
    return undefined
  }
}

/** The outermost `node_modules` that a package lies in, where what it needs lies, too; else the package. */
const holderOf = (source: string): string => /^.*?\/node_modules(?=\/)/.exec(source)?.[0] ?? source
