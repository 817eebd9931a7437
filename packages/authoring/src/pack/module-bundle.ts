import { join, relative, sep } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { PluginFile } from '@tenon/bundle'
import { assert, messageOf, TenonError, type PluginSpec } from '@tenon/contract'
import type { Plugin } from 'rolldown'
import { bundledSources } from '../folder/entry-files.ts'
import type { PluginFolder } from '../folder/plugin-folder.ts'

export type BundledModule = PluginFile & { source: string }

/** The modules that a plugin's code files become when it is packed. */
export const codeModules = (folder: PluginFolder, spec: PluginSpec): Promise<BundledModule[]> =>
  bundleModules(folder, bundledSources(spec))

/** Turns code files into one JavaScript module each, with all that they import but the sdk and Node's own modules. */
async function bundleModules(folder: PluginFolder, sources: readonly string[]): Promise<BundledModule[]> {
  const modules = await Promise.all(sources.map((source) => bundleModule(folder, source)))
  const twice = modules.find(({ path }, index) => modules.findIndex((other) => other.path === path) < index)
  if (twice !== undefined) throw unbundled(twice.source, `another source becomes ${twice.path}, too`)
  return modules
}

async function bundleModule(folder: PluginFolder, source: string): Promise<BundledModule> {
  const faults: string[] = []
  const code = await bundledCode(folder, source, faults).catch((thrown: unknown) => {
    faults.push(reasonIn(messageOf(thrown)))
    return ''
  })
  if (faults.length > 0) throw unbundled(source, [...new Set(faults)].join('; '))
  return { source, path: `dist/${source.replace(/\.[cm]?[jt]s$/, '.mjs')}`, bytes: Buffer.from(code) }
}

async function bundledCode(folder: PluginFolder, source: string, faults: string[]): Promise<string> {
  const { rolldown } = await import('rolldown')
  await using build = await rolldown({
    input: join(folder.root, source),
    cwd: folder.root,
    platform: 'node',
    external: [/^@tenon\/sdk$/, /^node:/],
    plugins: [asChecked(folder, faults)],
    onLog: (_level, { code, message }) => {
      if (code === 'UNRESOLVED_IMPORT') faults.push(reasonIn(message))
    },
  })
  const { output } = await build.generate({ format: 'esm', codeSplitting: false, comments: false })
  assert(output.length === 1, 'without code splitting one source becomes one module')
  if (!output[0].exports.includes('default')) faults.push('it has no default export, by which it would be entered')
  return output[0].code
}

/** Hands out the files that were checked, and none from elsewhere but a package's. */
const asChecked = (folder: PluginFolder, faults: string[]): Plugin => ({
  name: 'as-checked',
  load: (id) => {
    if (id.split(sep).includes('node_modules')) return undefined
    const text = folder.text(relative(folder.root, id).replaceAll(sep, '/'))
    if (text === undefined) faults.push(`${id} is no file of the plugin`)
    return text ?? ''
  },
})

/** What the bundler says is wrong and where, without its drawing of the code around it. */
const reasonIn = (message: string): string =>
  stripVTControlCharacters(message)
    .replace(/^Build failed.*\n+/, '')
    .split('\n')
    .slice(0, 2)
    .join(' ')
    .replace(/\s+╭─\[ (\S+) \]/, ' at $1')

const unbundled = (source: string, why: string): TenonError =>
  new TenonError('SPEC_INVALID', `${source} cannot be bundled: ${why}`)
