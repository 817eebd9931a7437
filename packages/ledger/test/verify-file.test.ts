import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { limits } from '@tenon/contract'
import { openDatabase } from '@tenon/database'
import { chainLine, EMPTY_CHAIN, verifyFile, type Checkpoint } from '@tenon/ledger'
import { simulatedWorld, temporaryFolder } from '@tenon/testkit'

function linesOf(count: number): string[] {
  let chain = EMPTY_CHAIN
  return Array.from({ length: count }, (_, n) => {
    const next = chainLine(chain, { note: `é${n}` })
    chain = next.chain
    return next.line
  })
}

function fileOf(content: string | Uint8Array): string {
  const path = join(temporaryFolder(), 'ids.jsonl')
  writeFileSync(path, content)
  return path
}

const textOf = (lines: string[]): string => lines.map((line) => `${line}\n`).join('')

test('a file of lines is one stream, named as the file', async () => {
  const found = await verifyFile(fileOf(textOf(linesOf(2000))))
  expect(found).toMatchObject({ broken: [], streams: { 'ids.jsonl': { size: 2000 } } })
  expect(await verifyFile(fileOf(''))).toMatchObject({ broken: [], streams: { 'ids.jsonl': { size: 0 } } })
})

test('a change in it is named by line', async () => {
  const text = textOf(linesOf(50)).replace('é30', 'e30')
  expect(await verifyFile(fileOf(text))).toEqual({
    streams: {},
    broken: [{ stream: 'ids.jsonl', position: 31, why: expect.stringContaining('changed') }],
  })
})

test('its truncation is found against a checkpoint', async () => {
  const { streams } = await verifyFile(fileOf(textOf(linesOf(5))))
  const checkpoint: Checkpoint = { streams, at: '', keyId: 'k', signature: '' }
  const { broken } = await verifyFile(fileOf(textOf(linesOf(4))), checkpoint)
  expect(broken).toMatchObject([{ stream: 'ids.jsonl', position: 5 }])
})

test('a line that was not written whole is named', async () => {
  const whole = textOf(linesOf(3))
  expect((await verifyFile(fileOf(whole.slice(0, -1)))).broken).toMatchObject([
    { position: 3, why: expect.stringContaining('line end') },
  ])
  expect((await verifyFile(fileOf(whole.slice(0, -9)))).broken).toMatchObject([{ position: 3 }])
})

test('bytes that a lenient reader would take for the same text are found', async () => {
  const chain = chainLine(EMPTY_CHAIN, { note: '\uFFFD' })
  const bytes = Buffer.from(`${chain.line}\n`)
  const at = bytes.indexOf(Buffer.from('\uFFFD'))
  const forged = Buffer.concat([bytes.subarray(0, at), Buffer.from([0xff]), bytes.subarray(at + 3)])
  expect((await verifyFile(fileOf(bytes))).broken).toEqual([])
  expect((await verifyFile(fileOf(forged))).broken).toMatchObject([{ position: 1 }])
})

test('a line without end is not read into memory', async () => {
  const path = fileOf(textOf(linesOf(1)))
  truncateSync(path, 1024 * limits.ledgerLineBytes)
  expect((await verifyFile(path)).broken).toMatchObject([{ position: 2 }])
})

test('what is no ledger is refused by its name', async () => {
  const folder = temporaryFolder()
  const database = join(folder, 'other.db')
  openDatabase(database, { migrations: [{ id: 'x/1', sql: 'CREATE TABLE x (y)' }], world: simulatedWorld(1) }).close()
  mkdirSync(join(folder, 'folder'))
  for (const path of [database, join(folder, 'folder'), join(folder, 'absent')])
    await expect(verifyFile(path)).rejects.toThrow(
      expect.objectContaining({ code: 'LEDGER_INVALID', message: expect.stringContaining(path) }),
    )
})
