import { posix } from 'node:path'
import { parseJson, TenonError, type Json } from '@tenon/contract'
import { workerFiles, type WorkerFile } from '../contained.ts'
import type { ExtensionSource, MapPlugin } from '../kernel/extension.ts'
import { isOfSpec } from '../kernel/spec-schemas.ts'
import { storeFacade, type StoreCall } from '../kernel/store-facade.ts'
import { inProcess, messageOf, type Described } from '../kernel/in-process.ts'
import { isLoadable, mapRuntime, type DiscoveredPlugin, type LoadablePlugin } from './loadable.ts'
import type { PluginFiles } from './plugin-files.ts'

/** Reaches the code of a plugin, wherever that runs: its extensions, each as it describes itself. */
export type OpenPlugin = (plugin: LoadablePlugin) => Promise<Described[]>

/** The plugins with what became of each, and the extensions of those that could be loaded. */
export type LoadedPlugins = { plugins: DiscoveredPlugin[]; extensions: ExtensionSource[] }

/** Loads what can be loaded. A plugin that cannot is `load-error`, and no other is the worse for it. */
export async function loadPlugins(
  found: readonly (DiscoveredPlugin | LoadablePlugin)[],
  open: OpenPlugin,
): Promise<LoadedPlugins> {
  const loaded = await Promise.all(found.map((plugin) => loadPlugin(plugin, open)))
  return {
    plugins: loaded.map(({ plugin }) => plugin),
    extensions: loaded.flatMap(({ extensions }) => extensions),
  }
}

async function loadPlugin(
  plugin: DiscoveredPlugin | LoadablePlugin,
  open: OpenPlugin,
): Promise<{ plugin: DiscoveredPlugin; extensions: ExtensionSource[] }> {
  if (!isLoadable(plugin)) return { plugin, extensions: [] }
  try {
    return { plugin, extensions: await pluginExtensions(plugin, open) }
  } catch (thrown) {
    return { plugin: { ...plugin, status: 'load-error', reason: messageOf(thrown) }, extensions: [] }
  }
}

/** The extensions of a plugin. Throws what keeps it from being loaded. */
export async function pluginExtensions(plugin: LoadablePlugin, open: OpenPlugin): Promise<ExtensionSource[]> {
  const described = await open(plugin)
  const facts = mapPluginOf(plugin)
  return described.map((extension) => ({
    ...{ plugin: facts, ...extension },
    manifest: withSchemas(extension.manifest, plugin.files),
    ...reportSchemaOf(extension.manifest, plugin.files),
  }))
}

function mapPluginOf({ description, files: { digest } }: LoadablePlugin): MapPlugin {
  const { id, version, settings } = description
  const { granularity = 'bundle' } = mapRuntime(description)
  return { id, version, granularity, digest, ...(settings === undefined ? {} : { settings }) }
}

/** A Provider of a plugin names the files of its schemas; the kernel takes the documents. */
function withSchemas(manifest: unknown, files: PluginFiles): unknown {
  const { kinds } = Object(manifest) as { kinds?: unknown }
  if (typeof kinds !== 'object' || kinds === null) return manifest
  const resolved = Object.entries(kinds).map(([kind, declared]) => {
    const { schemaJson: _, ...entry } = Object(declared) as Record<string, unknown>
    const { schema } = entry
    return [kind, typeof schema === 'string' ? { ...entry, schema: documentAt(schema, files) } : entry]
  })
  return { ...(manifest as object), kinds: Object.fromEntries(resolved) }
}

/** An action names the file of the schema that its reports are held to, or a document of the specification. */
function reportSchemaOf(manifest: unknown, files: PluginFiles): { reportSchema?: Json } {
  const { kind, reportSchemaRef } = Object(manifest) as { kind?: unknown; reportSchemaRef?: unknown }
  if (kind !== 'action' || typeof reportSchemaRef !== 'string') return {}
  return {
    reportSchema: isOfSpec(reportSchemaRef) ? { $ref: reportSchemaRef } : documentAt(reportSchemaRef, files),
  }
}

function documentAt(path: string, { files }: PluginFiles): Json {
  const found = files.find((file) => file.path === posix.normalize(path))
  if (found === undefined) throw new TenonError('SPEC_INVALID', `it has no file ${path}`)
  return parseJson(Buffer.from(found.bytes).toString(), path)
}

/** The folder within that of a worker in which the plugin's own files lie. */
const OWN = 'plugin'

/** What a worker for a plugin consists of. */
export function workerOf({ description, files }: LoadablePlugin): WorkerFile[] {
  const own = files.files.map(({ path, bytes }) => ({ path: posix.join(OWN, path), bytes }))
  return workerFiles(own, entriesOf(description), mapRuntime(description).mapStorage?.mode)
}

const entriesOf = (description: LoadablePlugin['description']): string[] =>
  mapRuntime(description).extensions.map((path) => posix.join(OWN, path))

/** Loads a plugin that is trusted into this process; `importModule` is given the path of each module within a worker's folder. */
export async function openTrusted(
  { description }: LoadablePlugin,
  importModule: (path: string) => Promise<{ default?: unknown }>,
  call: StoreCall | undefined,
): Promise<Described[]> {
  const mode = mapRuntime(description).mapStorage?.mode
  const store = mode && call && storeFacade(mode, call)
  const modules = await Promise.all(entriesOf(description).map(importModule))
  return modules.map((module) => inProcess(module.default, store))
}
