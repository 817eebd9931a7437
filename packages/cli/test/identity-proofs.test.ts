import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { canonicalJson, prettyJson } from '@tenon/contract'
import {
  chainLine,
  leafDigest,
  readIdentityLedger,
  signCheckpoint,
  verifyConsistency,
  verifyInclusion,
} from '@tenon/ledger'
import { temporaryFolder } from '@tenon/testkit'
import { withPlugins, type Governed } from './governed.ts'
import { tenonIn } from './in-process.ts'

const LEDGER = '.ledger/ids.jsonl'
const CHECKPOINT = '.ledger/checkpoint.json'

/** A ledger with a line of nearly every type. */
async function sealed(): Promise<Governed> {
  const repository = await withPlugins('hello-world')
  await repository.done('ids', 'seal')
  await repository.done('ids', 'tag')
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  writeFileSync(repository.path('.local/next.pem'), pem)
  await repository.done('ids', 'seal', '--rotate-to', '.local/next.pem')
  expect(repository.told().slice(-2)).toEqual(['tag.pushed 0.1.0', 'key.rotated'])
  return repository
}

/** The ledger alone, at another place, without its repository or any key of this machine. */
function elsewhere(repository: Governed): {
  folder: string
  tenon: (...argv: string[]) => ReturnType<Governed['tenon']>
} {
  const folder = temporaryFolder()
  for (const [from, to] of [
    [LEDGER, 'ids.jsonl'],
    [CHECKPOINT, 'checkpoint.json'],
  ] as const)
    copyFileSync(repository.path(from), join(folder, to))
  const tenon = tenonIn(folder)
  return { folder, tenon: (...argv) => tenon(argv) }
}

describe('ledger verify', () => {
  test('holds a ledger of identities to its checkpoint, with nothing but the two files', async () => {
    const { folder, tenon } = elsewhere(await sealed())
    const verified = await tenon('ledger', 'verify', 'ids.jsonl')
    expect([verified.code, verified.stdout]).toEqual([
      0,
      expect.stringMatching(/^1 stream.*\nsigned by the key sha256:/),
    ])
    const texts = readFileSync(join(folder, 'ids.jsonl'), 'utf8').trimEnd().split('\n')
    const whole = (lines: readonly string[]): string => `${lines.join('\n')}\n`
    const changed = (index: number, from: string, to: string): string =>
      whole(texts.with(index, String(texts[index]).replace(from, to)))
    for (const [what, text, position, why] of [
      ['rewritten', changed(3, 'Ada', 'Eve'), 4, 'was changed'],
      ['deleted', whole(texts.toSpliced(3, 1)), 4, 'was deleted'],
      ['reordered', whole(texts.with(3, String(texts[4])).with(4, String(texts[3]))), 4, 'moved'],
      ['truncated', whole(texts.slice(0, -1)), texts.length, 'is missing'],
      ['torn', whole(texts).slice(0, -1), texts.length, 'has no line end'],
      ['of no type', changed(3, '"card.bound"', '"card.moved"'), 4, 'is of no type'],
      ['of another shape', changed(3, '"path":', '"place":'), 4, 'is no line of type card.bound'],
      ['a second genesis', whole(texts.with(1, String(texts[0]))), 2, 'is a genesis elsewhere'],
    ] as const) {
      writeFileSync(join(folder, 'ids.jsonl'), text)
      const ended = await tenon('ledger', 'verify', 'ids.jsonl')
      const told = new RegExp(`^ids\\.jsonl: line ${position}: .*${why}`)
      expect([what, ended.code, ended.stdout]).toEqual([what, 5, expect.stringMatching(told)])
    }
  })

  test('finds any byte of ledger or checkpoint that is another', async () => {
    const repository = await sealed()
    const seed = Number(process.env['TENON_SEED'] ?? Date.now() % 1_000_000)
    console.log(`TENON_SEED=${seed}`)
    const [ledger, checkpoint] = [LEDGER, CHECKPOINT].map((file) => readFileSync(repository.path(file)))
    const reading = (bytes: Buffer | undefined, signed: Buffer | undefined) =>
      readIdentityLedger(Buffer.from(bytes ?? []), signed)
    expect((await reading(ledger, checkpoint)).broken).toEqual([])
    const missed: string[] = []
    for (const [name, bytes] of Object.entries({ ledger, checkpoint }))
      for (let at = 0; at < (bytes?.length ?? 0); at += 1) {
        const changed = Buffer.from(bytes ?? [])
        changed[at] = Number(changed[at]) ^ (1 + ((seed + at * 7919) % 255))
        const [one, other] = name === 'ledger' ? [changed, checkpoint] : [ledger, changed]
        if ((await reading(one, other)).broken.length === 0) missed.push(`${name} ${at}`)
      }
    expect(missed).toEqual([])
  })

  test('takes no key that the one before did not name, and no checkpoint of another key', async () => {
    const repository = await sealed()
    const { folder, tenon } = elsewhere(repository)
    const texts = repository.read(LEDGER).trimEnd().split('\n')
    const thief = generateKeyPairSync('ed25519')
    const rotated = repository.ledger().at(-1)
    const stolen = { ...rotated, data: { ...rotated.data, signature: Buffer.alloc(64).toString('base64') } }
    writeFileSync(join(folder, 'ids.jsonl'), `${texts.with(texts.length - 1, canonicalJson(stolen)).join('\n')}\n`)
    rmSync(join(folder, 'checkpoint.json'))
    const named = await tenon('ledger', 'verify', 'ids.jsonl')
    expect([named.code, named.stdout]).toEqual([
      5,
      expect.stringContaining('a key that the key before it did not sign'),
    ])
    const other = {
      ...rotated,
      data: { ...rotated.data, publicKey: thief.publicKey.export({ type: 'spki', format: 'pem' }) },
    }
    writeFileSync(join(folder, 'ids.jsonl'), `${texts.with(texts.length - 1, canonicalJson(other)).join('\n')}\n`)
    expect((await tenon('ledger', 'verify', 'ids.jsonl')).stdout).toContain('no Ed25519 public key with the id')
    writeFileSync(join(folder, 'ids.jsonl'), `${texts.join('\n')}\n`)
    const { streams, at, keyId } = JSON.parse(repository.read(CHECKPOINT))
    for (const [key, told] of [
      [keyId, 'has a signature that does not verify'],
      ['thief', 'is signed by key thief, which the ledger does not name'],
    ]) {
      const forged = signCheckpoint({ streams, at }, { keyId: key, privateKey: thief.privateKey })
      writeFileSync(join(folder, 'checkpoint.json'), prettyJson(forged))
      const ended = await tenon('ledger', 'verify', 'ids.jsonl')
      expect([ended.code, ended.stdout]).toEqual([5, expect.stringContaining(told)])
    }
  })
})

describe('ledger prove', () => {
  test('gives for each line of a card a proof that anybody can check, and that fails when it was changed', async () => {
    const repository = await sealed()
    const { uid } = JSON.parse(repository.read('plugins/hello-world/plugin.spec.json'))
    const { folder, tenon } = elsewhere(repository)
    const proved = await tenon('ledger', 'prove', uid, 'ids.jsonl', '--json', '--out', 'proof.json')
    const { checkpoint, proofs } = proved.json()
    expect(JSON.parse(readFileSync(join(folder, 'proof.json'), 'utf8'))).toEqual(proved.json())
    expect(proofs.map(({ line }: { line: string }) => JSON.parse(line).type)).toEqual([
      'card.created',
      'card.bound',
      'version.published',
      'tag.pushed',
    ])
    for (const proof of proofs) {
      expect([leafDigest(proof.line), proof.root]).toEqual([proof.leaf, checkpoint.streams['ids.jsonl'].root])
      expect(verifyInclusion(proof)).toBe(true)
      for (const change of [
        { index: proof.index + 1 },
        { leaf: proof.root },
        { size: 1 },
        { proof: proof.proof.slice(1) },
      ])
        expect(verifyInclusion({ ...proof, ...change })).toBe(false)
    }
    const none = await tenon('ledger', 'prove', '01JZ3V5K8Q0000000000000000', 'ids.jsonl')
    expect([none.code, none.stderr]).toEqual([5, expect.stringContaining('CARD_UNKNOWN')])
    expect((await tenon('ledger', 'prove', 'hello', 'ids.jsonl')).code).toBe(2)
    writeFileSync(join(folder, 'ids.jsonl'), repository.read(LEDGER).replace('Ada', 'Eve'))
    const broken = await tenon('ledger', 'prove', uid, 'ids.jsonl')
    expect([broken.code, broken.stderr]).toEqual([5, expect.stringContaining('LEDGER_BROKEN: line 1 of ids.jsonl')])
    rmSync(join(folder, 'checkpoint.json'))
    writeFileSync(join(folder, 'ids.jsonl'), repository.read(LEDGER))
    expect((await tenon('ledger', 'prove', uid, 'ids.jsonl')).stderr).toContain('no checkpoint lies beside the ledger')
  })
})

describe('ledger consistency', () => {
  test('shows that an earlier checkpoint is of the same history, and of no other', async () => {
    const repository = await withPlugins('first')
    await repository.done('ids', 'seal')
    copyFileSync(repository.path(CHECKPOINT), repository.path('.local/old.json'))
    await repository.done('plugin', 'new', 'second')
    await repository.done('ids', 'new', 'plugins/second')
    repository.commit({})
    await repository.done('ids', 'seal')
    const { ok, ...consistency } = await repository.done('ledger', 'consistency', '.local/old.json')
    expect([ok, consistency.first.size, consistency.second.size]).toEqual([true, 6, 11])
    expect(verifyConsistency(consistency)).toBe(true)
    expect(verifyConsistency({ ...consistency, first: { ...consistency.first, size: 5 } })).toBe(false)
    expect(verifyConsistency({ ...consistency, proof: consistency.proof.slice(1) })).toBe(false)
    const foreign = await withPlugins('first')
    await foreign.done('ids', 'seal')
    const other = await repository.tenon('ledger', 'consistency', foreign.path(CHECKPOINT))
    expect([other.code, other.stdout]).toEqual([
      5,
      expect.stringMatching(/^ids\.jsonl: line 6: is not what the checkpoint signed/),
    ])
    copyFileSync(repository.path(CHECKPOINT), foreign.path('.local/newer.json'))
    const shorter = await foreign.tenon('ledger', 'consistency', '.local/newer.json', '--json')
    expect([shorter.code, shorter.json()]).toMatchObject([5, { ok: false, broken: [{ position: 7 }] }])
  })

  test('is not shown of lines that are there and no longer signed', async () => {
    const repository = await withPlugins('first')
    await repository.done('ids', 'seal')
    const { at, keyId } = JSON.parse(repository.read(CHECKPOINT))
    const older = repository.read(CHECKPOINT)
    const [genesis] = repository.read(LEDGER).split('\n')
    const { seq: _, prev, ...entry } = JSON.parse(String(genesis))
    const { chain } = chainLine({ count: 0, head: prev }, entry)
    const key = readFileSync(repository.path('.local/share/tenon/keys/ledger.pem'))
    const root = leafDigest(String(genesis))
    const less = signCheckpoint(
      { streams: { 'ids.jsonl': { size: 1, head: chain.head, root } }, at },
      {
        keyId,
        privateKey: createPrivateKey(key),
      },
    )
    writeFileSync(repository.path(CHECKPOINT), prettyJson(less))
    writeFileSync(repository.path('.local/old.json'), older)
    const ended = await repository.tenon('ledger', 'consistency', '.local/old.json')
    expect([ended.code, ended.stdout]).toEqual([5, expect.stringContaining('today less is signed')])
  })
})
