import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { SigningKey } from '@tenon/bundle'
import { TenonError, type World } from '@tenon/contract'

/** The private key in a file that a person named. */
export async function signingKeyIn({ cwd }: World, name: string): Promise<SigningKey> {
  const { readSigningKey } = await import('@tenon/bundle')
  const pem = await readFile(resolve(cwd, name)).catch((cause: unknown) => {
    throw new TenonError('KEY_INVALID', `the key file ${name} cannot be read`, { cause })
  })
  return readSigningKey(pem, name)
}
