import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import { decodeUtf8, TenonError, type Disk } from '@tenon/contract'
import { closed, readAs, validatorOf } from '@tenon/contract/schema'

const digest = Type.String({ pattern: '^sha256:[0-9a-f]{64}$' })
const text = Type.String({ minLength: 1 })

/** What is installed in a workspace at one time. `before` is the generation that it replaced, 0 for the empty one. */
export const generationSchema = closed({
  generation: Type.Integer({ minimum: 1 }),
  before: Type.Integer({ minimum: 0 }),
  plugins: Type.Record(
    Type.String(),
    closed({
      version: text,
      publisher: Type.Optional(text),
      digest,
      manifestDigest: digest,
      signer: digest,
      registry: Type.Optional(text),
    }),
  ),
})

export type Generation = Static<typeof generationSchema>

const generations = validatorOf(generationSchema)

export const NO_GENERATION: Generation = { generation: 0, before: 0, plugins: {} }

/** Reads one generation of a workspace's `.tenon` folder. */
export async function readGeneration(disk: Disk, tenonFolder: string, number: number): Promise<Generation> {
  const path = join(tenonFolder, 'generations', String(number), 'generation.json')
  const bytes = await disk.read(path)
  const hint = 'Run "tenon plugin install" to build it anew, or "tenon plugin rollback".'
  if (bytes === undefined) throw new TenonError('DATA_FOLDER_CORRUPT', `${path} is missing`, { hint })
  const { value, problems } = readAs(decodeUtf8(bytes, path), generations)
  if (value === undefined) throw new TenonError('DATA_FOLDER_CORRUPT', `${path} is damaged`, { hint, problems })
  return value
}

/** The generation that `.tenon/current` points at; the empty one before the first installation. */
export async function currentGeneration(disk: Disk, tenonFolder: string): Promise<Generation> {
  const target = await disk.readLink(join(tenonFolder, 'current'))
  if (target === undefined) return NO_GENERATION
  const number = /^generations\/([1-9][0-9]*)$/.exec(target)?.[1]
  if (number === undefined) throw new TenonError('DATA_FOLDER_CORRUPT', `${tenonFolder}/current points at "${target}"`)
  return readGeneration(disk, tenonFolder, Number(number))
}
