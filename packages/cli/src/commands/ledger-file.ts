import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { TenonError, type World } from '@tenon/contract'

/** The ledger of identities and what lies beside it, as bytes. */
export type IdentityBytes = { file: string; bytes: Uint8Array; checkpoint: Uint8Array | undefined }

/** The file that a person named, else the ledger of identities of the folder, if there is one. */
export function ledgerFile({ cwd }: World, named: string | undefined): string | undefined {
  const repository = join(cwd, '.ledger/ids.jsonl')
  if (named !== undefined) return resolve(cwd, named)
  return existsSync(repository) ? repository : undefined
}

/** A file of this name holds identities, wherever it lies. */
export const isIdentityLedger = (file: string): boolean => basename(file) === 'ids.jsonl'

/** Reads a ledger of identities. Throws LEDGER_INVALID when there is none. */
export async function identityBytes(world: World, named: string | undefined): Promise<IdentityBytes> {
  const file = ledgerFile(world, named)
  if (file === undefined) throw new TenonError('LEDGER_INVALID', `there is no .ledger/ids.jsonl in ${world.cwd}`)
  const beside = join(dirname(file), 'checkpoint.json')
  return { file, bytes: await bytesOf(file), checkpoint: existsSync(beside) ? await bytesOf(beside) : undefined }
}

/** The bytes of a file of a ledger. Throws LEDGER_INVALID. */
export const bytesOf = (file: string): Promise<Uint8Array> =>
  readFile(file).catch((cause: unknown) => {
    throw new TenonError('LEDGER_INVALID', `${file} cannot be read`, { cause })
  })
