import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { chainLine, EMPTY_CHAIN } from '@tenon/ledger'
import { temporaryFolder } from '@tenon/testkit'
import { serving, tenonIn } from './in-process.ts'

function chained(count: number): string {
  let chain = EMPTY_CHAIN
  return Array.from({ length: count }, (_, number) => {
    const next = chainLine(chain, { number })
    chain = next.chain
    return `${next.line}\n`
  }).join('')
}

describe('ledger verify', () => {
  test('reads a file of chained lines, and names the line that was changed', async () => {
    const home = temporaryFolder()
    const tenon = tenonIn(home)
    const ledger = join(home, 'lines.jsonl')
    writeFileSync(ledger, chained(20))
    expect(await tenon(['ledger', 'verify', 'lines.jsonl'])).toMatchObject({
      code: 0,
      stdout: '1 stream(s) are as they were written\n',
    })
    expect((await tenon(['ledger', 'verify', ledger, '--json'])).json()).toMatchObject({ ok: true, broken: [] })
    writeFileSync(ledger, chained(20).replace('"number":7', '"number":8'))
    const changed = await tenon(['ledger', 'verify', 'lines.jsonl'])
    expect([changed.code, changed.stdout]).toEqual([5, expect.stringMatching(/^lines\.jsonl: line 8: /)])
    const json = await tenon(['ledger', 'verify', ledger, '--json'])
    expect([json.code, json.json()]).toMatchObject([5, { ok: false, broken: [{ stream: 'lines.jsonl', position: 8 }] }])
  })

  test('reads the audit ledger of a host, in place or as a copy', async () => {
    const home = temporaryFolder()
    const tenon = tenonIn(home)
    const host = await serving(tenon, ['host', 'serve'])
    const env = { TENON_TOKEN: host.adminToken }
    for (let call = 0; call < 3; call += 1) expect((await tenon(['call', 'nobody', 'act'], { env })).code).toBe(5)
    await host.stop()
    const whole = await tenon(['ledger', 'verify', '--json'])
    expect([whole.code, whole.json()]).toMatchObject([0, { ok: true, broken: [] }])
    const file = join(home, '.local/share/tenon/host/events.db')
    expect((await tenon(['ledger', 'verify', file])).code).toBe(0)
    const database = new DatabaseSync(file)
    const triggers = database.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").all()
    for (const { name } of triggers) database.exec(`DROP TRIGGER ${String(name)}`)
    database.exec("UPDATE audit_line SET line = replace(line, 'nobody', 'somebody') WHERE seq = 1")
    database.close()
    for (const words of [
      ['ledger', 'verify', file],
      ['ledger', 'verify'],
    ]) {
      const { code, stdout } = await tenon(words)
      expect([words, code, stdout]).toEqual([words, 5, expect.stringMatching(/: line \d: /)])
    }
  })

  test('refuses what is no ledger', async () => {
    const home = temporaryFolder()
    const tenon = tenonIn(home)
    const nowhere = await tenon(['ledger', 'verify', 'nowhere.jsonl'])
    expect([nowhere.code, nowhere.stderr]).toEqual([
      2,
      expect.stringMatching(/LEDGER_INVALID: there is no file .*nowhere\.jsonl/),
    ])
    writeFileSync(join(home, 'notes.txt'), 'notes')
    expect((await tenon(['ledger', 'verify', 'notes.txt'])).code).toBe(5)
    const other = new DatabaseSync(join(home, 'other.db'))
    other.exec('CREATE TABLE t (a)')
    other.close()
    const database = await tenon(['ledger', 'verify', 'other.db'])
    expect([database.code, database.stderr]).toEqual([2, expect.stringMatching(/LEDGER_INVALID: .*other\.db/)])
  })
})

describe('resolve', () => {
  const solve = async (document: unknown, ...more: string[]) => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'catalog.json'), typeof document === 'string' ? document : JSON.stringify(document))
    return tenonIn(home)(['resolve', '--catalog', 'catalog.json', ...more])
  }
  const packages = { a: { '1.2.0': { deps: { b: '*' } }, '2.0.0': {} }, b: { '0.1.0': {} } }

  test('answers a set of versions, or why there is none', async () => {
    const solved = await solve({ root: { deps: { a: '^1' } }, packages })
    expect([solved.code, solved.json()]).toEqual([0, { ok: { a: '1.2.0', b: '0.1.0' } }])
    const unsat = await solve({ root: { deps: { a: '^3' } }, packages }, '--json')
    expect([unsat.code, unsat.json()]).toEqual([
      3,
      { unsat: true, message: expect.stringContaining('^3'), fixes: expect.any(Array) },
    ])
  })

  test('answers scenarios by their names, even one that is called unsat', async () => {
    const one = { root: { deps: { a: '^1' } }, packages }
    const solved = await solve({
      scenarios: [
        { name: 'unsat', ...one },
        { name: 'two', ...one },
      ],
    })
    expect([solved.code, Object.keys(solved.json() as object)]).toEqual([0, ['unsat', 'two']])
  })

  test('refuses a bad document with the place of every problem', async () => {
    const bad = await solve('{\n  "root": { "deps": 3 },\n  "packages": { "a": { "one": {} } }\n}')
    expect([bad.code, bad.stderr]).toEqual([2, expect.stringMatching(/CONFIG_INVALID: catalog\.json has \d+ problem/)])
    expect(bad.stderr).toMatch(/^ {2}line 2 /m)
    const broken = await solve('{', '--json')
    expect([broken.code, JSON.parse(broken.stderr)]).toMatchObject([2, { code: 'CONFIG_INVALID', errors: [{}] }])
  })
})

describe('doctor', () => {
  test('shows each isolation level with what it holds or lacks', async () => {
    const tenon = tenonIn(temporaryFolder())
    const { code, stdout } = await tenon(['doctor'])
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^LEVEL +STATE +MEANS *\n(.*\n)*B +available +.*guarantees fs, net/),
    ])
    expect(stdout).toMatch(/^D +unverified .*only macOS has it/m)
    expect(stdout).toMatch(/^F +by name only .*guarantees nothing/m)
    expect(stdout).toMatch(/^G +unavailable +/m)
    const json = (await tenon(['doctor', '--json'])).json()
    expect(json).toMatchObject({
      node: process.version,
      levels: expect.arrayContaining([expect.objectContaining({ level: 'A' })]),
    })
  })

  test('ends with 1 where no level can be had', async () => {
    const { code, stdout } = await tenonIn(temporaryFolder())(['doctor'], { env: { PATH: '/nowhere' } })
    expect([code, stdout]).toEqual([1, expect.not.stringMatching(/^\S+ +available/m)])
  })
})
