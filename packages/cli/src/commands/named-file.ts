import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { asTenonError, decodeUtf8, TenonError, type World } from '@tenon/contract'

/** The text of a file that a person named on the command line. */
export async function readNamed({ cwd }: World, name: string): Promise<string> {
  const bytes = await readFile(resolve(cwd, name)).catch((cause: unknown) => {
    throw new TenonError('USAGE', `the file ${name} cannot be read: ${asTenonError(cause).message}`, { cause })
  })
  return decodeUtf8(bytes, name)
}
