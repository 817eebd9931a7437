import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readJson, TenonError, type Json, type JsonObject } from '@tenon/contract'
import { foreignValidator } from '@tenon/contract/schema'
import type { Suite } from './suite.ts'

/** Where a schema is that does not say so itself. */
const BASE = 'https://suite.invalid/'

/** Why a text does not fit a schema of the suite, or undefined when it does. The schemas may refer to one another. */
export async function schemaFault(text: string, name: string, schemas: Suite['schemas']): Promise<string | undefined> {
  const path = name.replace(/^schemas\//, '')
  if (!schemas.tree.files.includes(path)) return `the suite has no schema "${name}"`
  const { value } = readJson(text)
  if (value === undefined) return 'it is no JSON'
  const all = await namedSchemas(schemas)
  const own = all.find(({ file }) => file === path)?.schema
  if (own === undefined) return `"${name}" is no JSON Schema`
  try {
    const [problem] = foreignValidator(
      together(
        own,
        all.map(({ schema }) => schema),
      ),
    ).problems(value)
    return problem === undefined ? undefined : `${problem.pointer} ${problem.message}`.trim()
  } catch (thrown) {
    if (thrown instanceof TenonError && thrown.code === 'SCHEMA_INVALID') return thrown.message
    throw thrown
  }
}

type Named = { file: string; schema: JsonObject & { $id: string } }

async function namedSchemas({ folder, tree }: Suite['schemas']): Promise<Named[]> {
  const files = tree.files.filter((file) => file.endsWith('.json'))
  const read = files.map(async (file): Promise<Named[]> => {
    const { value } = readJson(await readFile(join(folder, file), 'utf8'))
    return isMapping(value) ? [{ file, schema: { ...value, $id: idOf(value, file) } }] : []
  })
  return (await Promise.all(read)).flat()
}

const isMapping = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const idOf = ({ $id }: JsonObject, file: string): string => (typeof $id === 'string' ? $id : `${BASE}${file}`)

/** One document that holds them all, so that none has to be looked for elsewhere. */
const together = ({ $id }: { $id: string }, all: readonly JsonObject[]): Json => ({
  $ref: $id,
  $defs: Object.fromEntries(all.map((schema, index) => [String(index), schema])),
})
