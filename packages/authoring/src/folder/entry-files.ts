import type { PluginSpec } from '@tenon/contract'

/** The code files that `pack` turns into one JavaScript module each. */
export function bundledSources({ runtime }: PluginSpec): string[] {
  if (runtime.kind === 'node') return [runtime.entry]
  return runtime.kind === 'map' ? runtime.extensions : []
}

/** The code files at which a plugin is entered. Those of a container or a remote plugin are not its manifest's to name. */
export function entryFiles(spec: PluginSpec, has: (path: string) => boolean): string[] {
  return spec.runtime.kind === 'python' ? [pythonEntry(spec.runtime.entryPoint, has)] : bundledSources(spec)
}

/** A Python module is a file, or a folder that is a package. Both lie below `src`. */
function pythonEntry(entryPoint: string, has: (path: string) => boolean): string {
  const module = `src/${entryPoint.replace(/:.*/, '').replaceAll('.', '/')}`
  return has(`${module}/__init__.py`) ? `${module}/__init__.py` : `${module}.py`
}
