import { join } from 'node:path'
import { bumpPlugin, readRelease, releasedVersions, validatePlugin } from '@tenon/authoring'
import { openRepository } from '@tenon/bundle'
import { temporaryRepository } from '@tenon/testkit'
import { at as now, edit, policies, quickDisk, scaffold, write } from './plugins.ts'

export const INPUT = 'schemas/echo.in.schema.json'

/** A schema that a test takes for what it should be, and changes. */
type Schema = ReturnType<typeof JSON.parse>

/** A plugin in a repository of its own, with what releases it and what the gate says of it then. */
export async function released() {
  const repository = temporaryRepository()
  const root = join(repository.folder, 'plugins/demo-plugin')
  await scaffold('node', 'demo-plugin', join(repository.folder, 'plugins'))
  write(repository.folder, 'policies/.keep', '')
  const release = (version: string): void => {
    setVersion(root, version)
    repository.commit({})
    repository.git('tag', `plugin/demo-plugin/v${version}`)
  }
  const releases = async (at = root) => {
    const opened = await openRepository(repository.world)
    const versions = await releasedVersions(opened, 'demo-plugin')
    return Promise.all(versions.map((version) => readRelease(opened, 'demo-plugin', version, at)))
  }
  const gate = async () => {
    const { gates } = await validatePlugin(quickDisk, root, policies, now, await releases())
    return gates.find((one) => one.gate === 'compatibility')
  }
  const bump = async (to?: string) => bumpPlugin(quickDisk, root, policies, { releases: await releases(), to })
  return { root, repository, release, releases, gate, bump }
}

export const setVersion = (root: string, version: string): void =>
  edit(root, 'plugin.spec.json', (text) => text.replace(/"version": "[^"]*"/, `"version": "${version}"`))

export const editInput = (root: string, change: (schema: Schema) => void): void =>
  edit(root, INPUT, (text) => {
    const schema = JSON.parse(text)
    change(schema)
    return JSON.stringify(schema)
  })

export const requireMore = (root: string): void =>
  editInput(root, (schema) => {
    schema['properties'].more = { type: 'string' }
    schema['required'] = [...(schema['required'] ?? []), 'more']
  })

export const takeMore = (root: string, name = 'more'): void =>
  editInput(root, (schema) => (schema['properties'][name] = { type: 'string' }))
