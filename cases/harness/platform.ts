import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { derive, policiesFor } from '@tenon/authoring'
import { nodeDisk } from '@tenon/bundle'
import { temporaryFolder } from '@tenon/testkit'
import { asking, serve, tenonIn, type Ended, type Served, type Surroundings } from './tenon.ts'

/** A plugin as a case writes it: the parts of its spec that matter, and its files. */
export type WrittenPlugin = {
  id: string
  spec?: Record<string, unknown>
  files: Record<string, string>
  operations?: string[]
}

const SCHEMA = 'https://json-schema.org/draft/2020-12/schema'

const ENTRY = `import { definePlugin } from '@tenon/sdk'
// <auto:begin id=operations gen=node@2 sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855>
// <auto:end id=operations>

export default definePlugin({ operations })
`

/** Writes a node plugin that validates: whatever a case does not care for is the plainest there is. */
export async function writePlugin(
  parent: string,
  { id, spec = {}, files, operations = ['act'] }: WrittenPlugin,
): Promise<string> {
  const root = join(parent, id)
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  const open = { $schema: SCHEMA, type: 'object' }
  for (const name of operations) {
    for (const side of ['in', 'out']) write(`schemas/${name}.${side}.schema.json`, JSON.stringify(open))
    for (const side of ['request', 'response']) write(`examples/${name}_${side}.json`, '{}')
    write(`tests/test_${name}.ts`, "import assert from 'node:assert'\nassert.throws(() => JSON.parse(''))\n")
  }
  write('conformance/behavior/README.md', 'None.\n')
  const named = operations.map((name) => ({ name, summary: name, input: true, output: true }))
  const whole = {
    specVersion: 1,
    id,
    publisher: 'acme',
    name: id,
    version: '1.0.0',
    runtime: { kind: 'node', entry: 'src/plugin.ts' },
    operations: named,
    ...spec,
  }
  write('plugin.spec.json', JSON.stringify(whole))
  write('CHANGELOG.md', `# Changelog\n\n## ${whole.version}\n\nWhat a case needs.\n`)
  if (whole.runtime.kind === 'node') write(whole.runtime.entry, ENTRY)
  for (const [path, text] of Object.entries(files)) write(path, text)
  await derive(nodeDisk, root, await policiesFor(nodeDisk, root))
  return root
}

export type Platform = {
  home: string
  workspace: string
  registry: Served
  host: Served
  admin: ReturnType<typeof asking>
  tenon(args: readonly string[], surroundings?: Surroundings): Promise<Ended>
  /** Publishes a plugin's folder as acme. */
  publish(root: string): Promise<Ended>
  /** Installs into the workspace and enables, with these grants. */
  install(reference: string, grants?: readonly string[]): Promise<Ended>
  enable(id: string): Promise<void>
}

/** A registry and a host over an empty workspace, each the real binary in a process of its own. `extra` is for the host. */
export async function startPlatform(extra: Record<string, string> = {}): Promise<Platform> {
  const home = temporaryFolder()
  const workspace = join(home, 'project')
  mkdirSync(workspace)
  writeFileSync(join(workspace, 'tenon.json'), '{ "version": 1 }\n')
  const registry = await serve(home, ['registry', 'serve', '--data-dir', join(home, 'registry-data')])
  const env = { TENON_REGISTRY_URL: registry.url }
  const host = await serve(home, ['host', 'serve', '--workspace', workspace], { env: { ...env, ...extra } })
  const tenon = tenonIn(home)
  const run = (args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> =>
    tenon(args, { cwd: workspace, ...surroundings, env: { ...env, TENON_TOKEN: host.adminToken, ...surroundings.env } })
  const admin = asking(host.url, host.adminToken)
  const enable = async (id: string): Promise<void> => {
    const answer = await admin('POST', `/admin/plugins/${id}/enable`)
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body))
  }
  const made = await run(['admin', 'publisher', 'acme', '--json'], { env: { TENON_TOKEN: registry.adminToken } })
  const { token } = made.json() as { token: string }
  return {
    ...{ home, workspace, registry, host, admin, enable },
    tenon: run,
    publish: (root) => run(['plugin', 'publish', root], { env: { TENON_TOKEN: token } }),
    install: (reference, grants = []) =>
      run(['plugin', 'install', reference, ...grants.flatMap((grant) => ['--grant', grant])]),
  }
}
