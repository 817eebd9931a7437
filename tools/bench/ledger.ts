import { hash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newSigningKey, publicKeyText } from '@tenon/bundle'
import { prettyJson } from '@tenon/contract'
import {
  chainLine,
  EMPTY_CHAIN,
  IDENTITY_STREAM,
  leafDigest,
  merkleRoot,
  readIdentityLedger,
  signCheckpoint,
  verifyFile,
} from '@tenon/ledger'
import { interleaved, timed, type Bench } from './trials.ts'

const LINES = 100_000

/** Compared with reading the file and hashing it once, below which no verification can come. */
export const ledgerVerify: Bench = async (folder, { trials, quick }) => {
  const files = { ledger: join(folder, IDENTITY_STREAM), checkpoint: join(folder, 'checkpoint.json') }
  await writeLedger(files, quick ? LINES / 10 : LINES)
  const subjects = [
    {
      name: 'chain, tree, shapes, keys and checkpoint',
      trial: timed(async () => {
        const { broken } = await readIdentityLedger(await readFile(files.ledger), await readFile(files.checkpoint))
        if (broken.length > 0) throw new Error('the ledger does not verify')
      }),
    },
    { name: 'chain and tree alone', trial: timed(() => verifyFile(files.ledger)) },
    { name: 'read and sha256 of the file', trial: timed(async () => hash('sha256', await readFile(files.ledger))) },
  ]
  return interleaved(subjects, trials)
}

/** One plugin with a version in each line. */
async function writeLedger(files: { ledger: string; checkpoint: string }, count: number): Promise<void> {
  const key = newSigningKey()
  const at = '2026-01-01T00:00:00.000Z'
  const common = { at, actor: 'Ada <ada@example.org>', commit: 'a'.repeat(40) }
  const digest = leafDigest('')
  let chain = EMPTY_CHAIN
  const lines = Array.from({ length: count }, (_, index) => {
    const born = { ledger: 'tenon.ids/1', keyId: key.id, publicKey: publicKeyText(key.publicKey) }
    const place = { plugin: 'hello-world', path: 'plugins/hello-world' }
    const published = { ...place, version: `1.0.${index}`, manifest: digest, operations: digest }
    const next = chainLine(
      chain,
      index === 0
        ? { ...common, type: 'genesis', card: null, data: born }
        : { ...common, type: 'version.published', card: '01JZ3V5K8Q0000000000000000', data: published },
    )
    chain = next.chain
    return next.line
  })
  const signed = { size: count, head: chain.head, root: merkleRoot(lines.map(leafDigest)) }
  const checkpoint = signCheckpoint(
    { streams: { [IDENTITY_STREAM]: signed }, at },
    { keyId: key.id, privateKey: key.privateKey },
  )
  await writeFile(files.ledger, `${lines.join('\n')}\n`)
  await writeFile(files.checkpoint, prettyJson(checkpoint))
}
