import { join } from 'node:path'
import { writeAside } from '@tenon/bundle'
import { TenonError, type Disk, type PluginSpec } from '@tenon/contract'
import { readPluginFolder, requireSpec, type PluginFolder } from '../folder/plugin-folder.ts'
import type { TextFile } from '../folder/text-file.ts'
import { html } from './html.ts'
import { pageText } from './page.ts'
import { pluginPage } from './plugin-page.ts'

/**
 * Writes a page for each plugin and an index of them, the same bytes for the same plugins, and tells their paths.
 * Nothing is written when a spec is invalid (SPEC_INVALID) or two plugins have one id (PLUGIN_EXISTS).
 */
export async function writeDocs(disk: Disk, roots: readonly string[], out: string): Promise<string[]> {
  const plugins: { spec: PluginSpec; folder: PluginFolder }[] = []
  for (const root of roots) {
    const folder = await readPluginFolder(disk, root)
    plugins.push({ spec: requireSpec(folder), folder })
  }
  const sorted = plugins.toSorted((one, other) => (one.spec.id < other.spec.id ? -1 : 1))
  refuseTwins(sorted.map(({ spec }) => spec.id))
  const files: TextFile[] = [
    { path: 'index.html', text: indexPage(sorted.map(({ spec }) => spec)) },
    ...sorted.map(({ spec, folder }) => ({ path: `${spec.id}/index.html`, text: pluginPage(spec, folder) })),
  ]
  for (const { path, text } of files) await writeAside(disk, join(out, path), text)
  return files.map(({ path }) => path)
}

function refuseTwins(ids: readonly string[]): void {
  const twin = ids.find((id, index) => ids.indexOf(id) < index)
  if (twin !== undefined)
    throw new TenonError('PLUGIN_EXISTS', `two folders hold a plugin "${twin}"`, { hint: 'Name each plugin once.' })
}

function indexPage(specs: readonly PluginSpec[]): string {
  const sections = specs.map(({ id, name, version, description = '' }) => ({
    id,
    title: name,
    body: html`<p class="soft">${id} ${version}</p>\n<p>${description}</p>\n<p><a href="${id}/index.html">All about it</a></p>`,
  }))
  return pageText(
    'Plugins',
    html`<header>\n<h1>Plugins</h1>\n<p class="soft">${specs.length} in all</p>\n</header>`,
    sections,
  )
}
