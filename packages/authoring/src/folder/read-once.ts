import type { PluginFolder } from './plugin-folder.ts'

/** What a file of a folder is read as: made once for each, since gates ask for the same ones. */
export function readOnce<T>(
  read: (folder: PluginFolder, path: string) => T,
): (folder: PluginFolder, path: string) => T {
  const known = new WeakMap<PluginFolder, Map<string, T>>()
  return (folder, path) => {
    const files = known.get(folder) ?? new Map<string, T>()
    known.set(folder, files)
    const made = files.get(path) ?? read(folder, path)
    files.set(path, made)
    return made
  }
}
