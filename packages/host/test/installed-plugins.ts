import { createHash } from 'node:crypto'
import { digestFromHex, parseCapability, TenonError, type Json } from '@tenon/contract'
import { describeSpec, pluginSpecSchema, validatorOf } from '@tenon/contract/schema'
import type { Installations, InstalledPlugin } from '@tenon/host'

export type TestInstallations = Installations & {
  /** Installs a plugin or replaces it; `granted` is what the workspace grants. */
  install(plugin: TestPlugin): void
  uninstall(id: string): void
  grant(id: string, granted: readonly string[]): void
  /** From now on an operator of this machine trusts the signer of a plugin. */
  trust(id: string): void
  /** From now on this speaks against running a plugin, which can no longer be read unless that is found of a sound one. */
  fault(id: string, fault: TenonError, isFinding?: boolean): void
}

export type TestPlugin = {
  id: string
  /** What stands inside `definePlugin({ … })`. */
  source?: string
  /** Operations by name with their schemas; without one the operation takes or gives nothing. */
  operations?: Record<string, { in?: Json; out?: Json; requires?: string[]; timeoutMs?: number; endpoint?: Json }>
  /** Other files of JSON by path. */
  files?: Record<string, Json>
  asks?: readonly string[]
  granted?: readonly string[]
  spec?: Record<string, unknown>
}

const validator = validatorOf(pluginSpecSchema)

/** What a workspace would have installed. */
export function installedPlugins(...plugins: TestPlugin[]): TestInstallations {
  const installed = new Map<string, InstalledPlugin>()
  const grants = new Map<string, readonly string[]>()
  const trusted = new Set<string>()
  const faults = new Map<string, { fault: TenonError; isFinding: boolean }>()
  const install = (plugin: TestPlugin): void => {
    installed.set(plugin.id, installedPlugin(plugin))
    grants.set(plugin.id, plugin.granted ?? [])
  }
  for (const plugin of plugins) install(plugin)
  return {
    install,
    uninstall: (id) => void installed.delete(id),
    fault: (id, fault, isFinding = false) => void faults.set(id, { fault, isFinding }),
    trust: (id) => void trusted.add(id),
    grant: (id, granted) => void grants.set(id, granted),
    ids: () => [...installed.keys()],
    list: () => [...installed.values()],
    get: (id) => installed.get(id),
    granted: (id) => (grants.get(id) ?? []).map(parseCapability),
    verify: async (id) => {
      const plugin = installed.get(id)
      if (plugin === undefined) throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not installed`)
      const found = faults.get(id)
      if (found?.isFinding === false) throw found.fault
      return { plugin, byOperator: trusted.has(id), findings: found === undefined ? [] : [found.fault] }
    },
  }
}

function installedPlugin(plugin: TestPlugin): InstalledPlugin {
  const { id, source = 'operations: {}', operations = {}, files: others = {}, asks = [], spec = {} } = plugin
  const given = {
    specVersion: 1,
    id,
    name: id,
    version: '1.0.0',
    runtime: { kind: 'node', entry: 'src/index.ts' },
    permissions: asks.map((capability) => ({ capability, reason: 'for the test' })),
    operations: Object.entries(operations).map(([name, { in: input, out: output, ...more }]) => ({
      name,
      summary: name,
      input: input !== undefined,
      output: output !== undefined,
      ...more,
    })),
    ...spec,
  }
  if (!validator.is(given)) throw new Error(JSON.stringify(validator.problems(given)))
  const module = Buffer.from(`import { definePlugin, PluginError } from '@tenon/sdk'
export default definePlugin({ ${source} })`)
  const files = new Map<string, Json | undefined>([
    ...Object.entries(others),
    ...Object.entries(operations).flatMap(([name, schemas]) => [
      [`schemas/${name}.in.schema.json`, schemas.in] as const,
      [`schemas/${name}.out.schema.json`, schemas.out] as const,
    ]),
  ])
  return {
    description: describeSpec(given),
    manifestDigest: digestFromHex(createHash('sha256').update(module).digest('hex')),
    signer: digestFromHex('0'.repeat(64)),
    gates: [],
    modules: [module],
    file: (path) => {
      const schema = files.get(path)
      return schema === undefined ? undefined : Buffer.from(JSON.stringify(schema))
    },
  }
}
