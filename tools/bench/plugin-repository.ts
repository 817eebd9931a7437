import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deriveFiles, folderOf, newPlugin, readPolicies, type Policies } from '@tenon/authoring'
import { nodeDisk, type PluginFile } from '@tenon/bundle'
import { prettyJson, type PluginSpec } from '@tenon/contract'

const POLICIES = fileURLToPath(new URL('../../policies', import.meta.url))
/** Two operations with two schemas each. */
const OPERATIONS = ['mint', 'check']

export const pluginName = (index: number): string => `plugin-${String(index).padStart(5, '0')}`

/** Writes and commits a repository of so many plugins, each valid and with schemas of its own. */
export async function writeRepository(root: string, count: number): Promise<void> {
  cpSync(POLICIES, join(root, 'policies'), { recursive: true })
  const { policies } = await readPolicies(nodeDisk, join(root, 'policies'))
  const { root: pattern } = await newPlugin(nodeDisk, join(root, 'pattern'), join(root, 'policies'), {
    id: 'pattern',
    kind: 'node',
    publisher: 'acme',
  })
  const files = filesBelow(pattern)
  for (let index = 0; index < count; index += 1) writePlugin(root, index, files, policies)
  rmSync(join(root, 'pattern'), { recursive: true })
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, stdio: 'ignore', maxBuffer: 2 ** 30 })
  git('init', '-q')
  git('add', '-A')
}

const filesBelow = (folder: string): Map<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(folder, path)).isFile())
      .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
  )

function writePlugin(root: string, index: number, pattern: Map<string, string>, policies: Policies): void {
  const id = pluginName(index)
  const { operations: [operation] = [], ...base } = JSON.parse(pattern.get('plugin.spec.json') ?? '') as PluginSpec
  if (operation === undefined) throw new Error('a new plugin has an operation')
  const spec: PluginSpec = { ...base, id, operations: OPERATIONS.map((name) => ({ ...operation, name })) }
  const files = new Map<string, string>()
  for (const [path, text] of pattern)
    if (!path.includes(operation.name)) files.set(path, text.replaceAll('pattern', id))
    else
      for (const name of OPERATIONS)
        files.set(path.replaceAll(operation.name, name), ofIts(text, operation.name, name, index))
  files.set('plugin.spec.json', prettyJson(spec))
  // What is derived from the files that are derived first differs the second time.
  for (const _ of [1, 2])
    for (const { path, text } of deriveFiles(spec, policies, folderOf(id, filesOf(files)))) files.set(path, text)
  for (const [path, text] of files) {
    const file = join(root, 'plugins', id, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}

/** An operation's file, of which a schema has a property that no other has. */
function ofIts(text: string, pattern: string, name: string, index: number): string {
  const own = text.replaceAll(pattern, name)
  if (!own.includes('"$schema"')) return own
  const schema = JSON.parse(own) as { properties: Record<string, object> }
  schema.properties[`${name}_${index}`] = { type: 'string', maxLength: index + 1 }
  return prettyJson(schema)
}

const filesOf = (texts: ReadonlyMap<string, string>): PluginFile[] =>
  [...texts].map(([path, text]) => ({ path, bytes: Buffer.from(text) }))
