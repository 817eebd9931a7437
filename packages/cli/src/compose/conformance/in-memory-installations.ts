import { codeModules, type Candidate } from '@tenon/authoring'
import { digestBytes } from '@tenon/bundle'
import { digestFromHex, parseCapability, TenonError, type Json } from '@tenon/contract'
import { describeSpec, readSpec } from '@tenon/contract/schema'
import type { Installations, InstalledPlugin } from '@tenon/host'

/** Plugins that are installed nowhere but here, and what each is granted. Nobody vouches for any. */
export type InMemoryInstallations = Installations & {
  put(plugin: InstalledPlugin): void
  grant(id: string, capability: string): void
  deny(id: string, capability: string): void
}

export function inMemoryInstallations(): InMemoryInstallations {
  const installed = new Map<string, InstalledPlugin>()
  const grants = new Map<string, Set<string>>()
  const grantsOf = (id: string): Set<string> => {
    const its = grants.get(id) ?? new Set()
    grants.set(id, its)
    return its
  }
  return {
    put: (plugin) => void installed.set(plugin.description.id, plugin),
    grant: (id, capability) => void grantsOf(id).add(capability),
    deny: (id, capability) => void grantsOf(id).delete(capability),
    ids: () => [...installed.keys()],
    list: () => [...installed.values()],
    get: (id) => installed.get(id),
    granted: (id) => [...grantsOf(id)].map(parseCapability),
    verify: async (id) => {
      const plugin = installed.get(id)
      if (plugin === undefined) throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not here`)
      return { plugin, byOperator: false, findings: [] }
    },
  }
}

const NOBODY = digestFromHex('0'.repeat(64))

/** Such a plugin with all of its files. */
export type InstalledCandidate = InstalledPlugin & { files: Candidate['folder']['files'] }

/** A plugin as if its folder had been packed and installed: its code bundled, its files as they were read. */
export async function candidatePlugin({ spec, folder }: Candidate): Promise<InstalledCandidate> {
  const modules = (await codeModules(folder, spec)).map(({ bytes }) => bytes)
  const files = new Map(folder.files.map(({ path, bytes }) => [path, bytes]))
  return {
    description: describeSpec(spec),
    manifestDigest: digestBytes(files.get('manifest.json') ?? new Uint8Array()),
    signer: NOBODY,
    gates: [],
    modules,
    files: folder.files,
    file: (path) => files.get(path),
  }
}

/** A plugin whose one operation answers the same whatever it is asked. */
export function answeringPlugin(id: string, answers: Readonly<Record<string, Json>>): InstalledPlugin {
  const operations = Object.keys(answers).map((name) => ({ name, summary: name, input: true, output: true }))
  const { value: spec, problems } = readSpec(
    JSON.stringify({
      ...{ specVersion: 1, id, name: id, version: '1.0.0' },
      runtime: { kind: 'node', entry: 'src/plugin.ts' },
      operations,
    }),
  )
  if (spec === undefined) throw new TenonError('SPEC_INVALID', `"${id}" cannot be a plugin`, { problems })
  const module = Buffer.from(`import { definePlugin } from '@tenon/sdk'
const answers = ${JSON.stringify(answers)}
const operations = Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, () => answer]))
export default definePlugin({ operations })
`)
  return {
    description: describeSpec(spec),
    manifestDigest: digestBytes(module),
    signer: NOBODY,
    gates: [],
    modules: [module],
    file: (path) => (path.startsWith('schemas/') ? Buffer.from('{}') : undefined),
  }
}
