import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  digestBytes,
  digestJson,
  openBundle,
  publicKeyText,
  readArchive,
  readSigningKey,
  writeArchive,
} from '@tenon/bundle'
import { digestHex, prettyJson } from '@tenon/contract'
import { temporaryFolder } from '@tenon/testkit'
import { scaffolded, SCENARIOS, written, type Written } from './certified-plugin.ts'
import { governed, type Governed } from './governed.ts'
import { tenonIn, type Parsed } from './in-process.ts'
import { feature, scenario, type Made } from './tested-plugin.ts'

const SUFFIXES = ['tgz', 'dsse.json', 'report.json'] as const

/** A certified plugin, and how to bring back what was written of it. */
async function certified(): Promise<{ plugin: Made; bundle: Written; original: Buffer[]; restore(): void }> {
  const plugin = await scaffolded()
  const { code, stdout } = await plugin.tenon(['plugin', 'certify', 'demo'])
  expect(code, stdout).toBe(0)
  const bundle = written(plugin)
  const original = SUFFIXES.map((suffix) => readFileSync(bundle.path(suffix)))
  const restore = (): void => SUFFIXES.forEach((suffix, at) => writeFileSync(bundle.path(suffix), original[at] ?? ''))
  return { plugin, bundle, original, restore }
}

const codes = (problems: Parsed): string[] => problems.map(({ code }: Parsed) => code)

describe('plugin verify', () => {
  test('finds any byte of bundle, statement or report that is another', async () => {
    const { bundle, original, restore } = await certified()
    const seed = Number(process.env['TENON_SEED'] ?? Date.now() % 1_000_000)
    console.log(`TENON_SEED=${seed}`)
    const missed: string[] = []
    for (const [index, suffix] of SUFFIXES.entries())
      for (let turn = 0; turn < 20; turn += 1) {
        const changed = Buffer.from(original[index] ?? [])
        // The first bytes of an archive are those of its compression, which say nothing of what it holds.
        const at = turn < 8 ? turn : (seed + turn * 7_919 * 31) % changed.length
        changed[at] = Number(changed[at]) ^ (1 + ((seed + turn * 104_729) % 255))
        writeFileSync(bundle.path(suffix), changed)
        const { code } = await bundle.verify()
        if (code !== 5) missed.push(`${suffix} ${at}: ${code}`)
        restore()
      }
    expect(missed).toEqual([])
    expect((await bundle.verify()).code).toBe(0)
  })

  test('finds every way to write the same statement otherwise', async () => {
    const { bundle, original } = await certified()
    const text = String(original[1])
    const { payload, ...rest } = JSON.parse(text)
    for (const other of [
      JSON.stringify({ payload, ...rest }),
      prettyJson({ ...rest, payload: `${payload} ` }),
      `${text}\n`,
    ]) {
      writeFileSync(bundle.path('dsse.json'), other)
      expect(codes((await bundle.verify()).json().integrity)).toEqual(['BUNDLE_SIGNATURE_INVALID'])
    }
  })

  test('takes no statement of anything else, nor one that certifies nothing, although its publisher signed it', async () => {
    const { bundle, restore } = await certified()
    const none = `sha256:${'0'.repeat(64)}`
    const changes: [string, (statement: Parsed) => void, number, string][] = [
      ['manifest', (it) => (it.subject[0].digest.sha256 = '0'.repeat(64)), 5, 'BUNDLE_SIGNATURE_INVALID'],
      ['plugin', (it) => (it.predicate.plugin = 'other'), 5, 'BUNDLE_SIGNATURE_INVALID'],
      ['archive', (it) => (it.predicate.archive = none), 5, 'BUNDLE_DIGEST_MISMATCH'],
      ['report', (it) => (it.predicate.report = none), 5, 'BUNDLE_DIGEST_MISMATCH'],
      ['policy', (it) => (it.predicate.policy = none), 5, 'BUNDLE_CONTENT_MISMATCH'],
      ['no policy', (it) => (it.predicate.policy = null), 5, 'BUNDLE_CONTENT_MISMATCH'],
      ['a gate less', (it) => it.predicate.gates.pop(), 1, 'ATTESTATION_MISSING'],
      ['a gate that failed', (it) => (it.predicate.gates[0].verdict = 'fail'), 1, 'ATTESTATION_MISSING'],
      ['a gate with problems', (it) => (it.predicate.gates[0].problems = 1), 1, 'ATTESTATION_MISSING'],
      ['a gate that saw nothing', (it) => (it.predicate.gates[0].checked = 0), 1, 'ATTESTATION_MISSING'],
      ['an unknown field', (it) => (it.predicate.extra = 1), 5, 'BUNDLE_SIGNATURE_INVALID'],
    ]
    for (const [what, change, exit, problem] of changes) {
      restore()
      bundle.resign(change)
      const { code, json } = await bundle.verify()
      expect([what, code, codes([...json().integrity, ...json().gates])]).toEqual([
        what,
        exit,
        expect.arrayContaining([problem]),
      ])
    }
  })

  test('takes what was only packed for no certification', async () => {
    const plugin = await scaffolded()
    expect((await plugin.tenon(['plugin', 'pack', 'demo', '--out', 'packed'])).code).toBe(0)
    const { code, json } = await plugin.tenon(['plugin', 'verify', 'packed', '--json'])
    expect([code, json().integrity, codes(json().gates)]).toEqual([1, [], ['ATTESTATION_MISSING']])
    rmSync(join(plugin.home, 'packed/demo-0.1.0.dsse.json'))
    expect(await plugin.tenon(['plugin', 'verify', 'packed'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('ATTESTATION_MISSING: there is no demo-0.1.0.dsse.json'),
    })
    expect((await plugin.tenon(['plugin', 'verify', 'plugins'])).stderr).toContain('holds 0 bundles')
  })

  test('tells at which level it was run, and takes no other than those that are asked for', async () => {
    const { bundle } = await certified()
    const { level } = bundle.predicate()
    expect((await bundle.verify('--level', level)).code).toBe(0)
    const { code, json } = await bundle.verify('--level', 'G')
    expect([code, json().gates]).toMatchObject([1, [{ message: `it was run at level ${level}, asked for is G` }]])
    expect((await bundle.verify('--level', 'Z')).code).toBe(2)
  })

  test('needs no report, and says that a bundle is another though it cannot be read', async () => {
    const { plugin, bundle, original } = await certified()
    rmSync(bundle.path('report.json'))
    const { code, json } = await bundle.verify()
    expect([code, json().ok, json().report]).toEqual([0, true, 'absent'])
    writeFileSync(bundle.path('tgz'), Buffer.from(original[0] ?? []).subarray(1))
    const key = readSigningKey(
      readFileSync(join(plugin.home, '.local/share/tenon/keys/publisher-acme.pem')),
      'acme.pem',
    )
    writeFileSync(join(plugin.home, 'acme.pem'), publicKeyText(key.publicKey))
    const unread = await bundle.verify('--key', 'acme.pem')
    expect([unread.code, codes(unread.json().integrity)]).toEqual([5, ['ARCHIVE_INVALID', 'BUNDLE_DIGEST_MISMATCH']])
  })

  test('finds a bundle without the policies that its statement names', async () => {
    const { bundle, original } = await certified()
    const SNAPSHOT = 'policy_snapshot.json'
    const { files, manifest } = openBundle(await readArchive(original[0] ?? Buffer.of()))
    delete manifest.files[SNAPSHOT]
    const parts = files.filter(({ path }) => path !== 'manifest.json' && path !== SNAPSHOT)
    const archive = await writeArchive([...parts, { path: 'manifest.json', bytes: Buffer.from(prettyJson(manifest)) }])
    writeFileSync(bundle.path('tgz'), archive)
    bundle.resign(({ subject, predicate }) => {
      subject[0].digest.sha256 = digestHex(digestJson(manifest))
      predicate.archive = digestBytes(archive)
    })
    const { code, json } = await bundle.verify()
    const message = `holds the policy snapshot none, certified was under ${bundle.predicate().policy}`
    expect([code, json().integrity]).toMatchObject([5, [{ code: 'BUNDLE_CONTENT_MISMATCH', message }]])
  })

  test('says elsewhere who signed, and whether that key is trusted there', async () => {
    const { plugin, bundle } = await certified()
    const home = temporaryFolder()
    for (const suffix of SUFFIXES) copyFileSync(bundle.path(suffix), join(home, basename(bundle.path(suffix))))
    const tenon = tenonIn(home)
    const verify = (...more: string[]) => tenon(['plugin', 'verify', '.', ...more])
    expect(await verify()).toMatchObject({ code: 5, stdout: expect.stringContaining('verifies with a known key') })
    const pem = readFileSync(join(plugin.home, '.local/share/tenon/keys/publisher-acme.pem'))
    const key = readSigningKey(pem, 'acme.pem')
    writeFileSync(join(home, 'acme.pem'), publicKeyText(key.publicKey))
    expect(await verify('--key', 'acme.pem')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`signed by ${key.id} (acme.pem), which is not trusted on this machine`),
    })
    const trusting = (publisher: string) => tenon(['key', 'trust', 'acme.pem', '--publisher', publisher])
    expect((await trusting('other')).code).toBe(0)
    expect((await verify()).code).toBe(5)
    expect((await trusting('acme')).code).toBe(0)
    expect(await verify()).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('which is trusted on this machine'),
    })
    expect((await tenon(['key', 'revoke', key.id, '--why', 'stolen'])).stderr).toBe('')
    expect(await verify()).toMatchObject({
      code: 5,
      stdout: expect.stringContaining('KEY_REVOKED demo-0.1.0.tgz was revoked'),
    })
  })
})

describe('of a repository with a ledger', () => {
  const FILE = 'plugins/demo/conformance/behavior/demo.feature'

  async function sealed(): Promise<Governed> {
    const repository = governed()
    await repository.done('plugin', 'new', 'demo', '--publisher', 'acme')
    await repository.done('ids', 'new', 'plugins/demo')
    writeFileSync(repository.path(FILE), feature(scenario('It says the same', ...SCENARIOS.node)))
    await repository.done('plugin', 'derive', 'demo')
    const { report } = (await repository.tenon('plugin', 'certify', 'demo', '--out', '.local', '--json')).json()
    expect(report.gates.at(-1)).toMatchObject({ gate: 'ledger', checked: 0, idle: expect.any(String) })
    repository.commit({}, 'Demo')
    await repository.done('ids', 'seal')
    return repository
  }

  test('the statement proves the card, and a card that is not sealed, or a ledger that was changed, fails the gate', async () => {
    const repository = await sealed()
    await repository.done('plugin', 'certify', 'demo', '--out', '.local/dist')
    const place = { home: repository.folder, tenon: tenonIn(repository.folder) }
    const of = written(place, '.local/dist/demo-0.1.0')
    const { checkpoint, proofs, keys } = of.predicate().ledger
    expect([proofs.length, keys.length]).toEqual([3, 1])
    const verified = await of.verify()
    expect([verified.code, verified.json().ledger]).toEqual([0, { keyId: checkpoint.keyId, known: true }])
    const kept = readFileSync(of.path('dsse.json'))
    for (const change of [
      (ledger: Parsed) => (ledger.card = '01JZ3V5K8Q0000000000000000'),
      (ledger: Parsed) => (ledger.proofs[0].line = ledger.proofs[0].line.replace('demo', 'dem0')),
      (ledger: Parsed) => (ledger.proofs[0].index += 1),
      (ledger: Parsed) => (ledger.proofs = ledger.proofs.slice(1)),
      (ledger: Parsed) => (ledger.checkpoint.at = '2020-01-01T00:00:00.000Z'),
      (ledger: Parsed) => (ledger.keys = [ledger.proofs[0]]),
    ]) {
      writeFileSync(of.path('dsse.json'), kept)
      of.resign(({ predicate }) => change(predicate.ledger))
      const { code, json } = await of.verify()
      expect([code, codes(json().integrity)]).toEqual([5, expect.arrayContaining(['LEDGER_BROKEN'])])
    }
    writeFileSync(of.path('dsse.json'), kept)
    of.resign(({ predicate }) => (predicate.ledger.card = '01JZ3V5K8Q0000000000000000'))
    expect((await of.verify()).stdout).toContain("it is about the card 01JZ3V5K8Q0000000000000000, and the bundle's is")
    const ledgerGate = async (): Promise<Parsed> => {
      const { code, json } = await repository.tenon('plugin', 'certify', 'demo', '--out', '.local/failed', '--json')
      return [code, codes(json().report.gates.at(-1).problems)]
    }
    const text = repository.read('.ledger/ids.jsonl')
    writeFileSync(repository.path('.ledger/ids.jsonl'), text.replace('Ada', 'Eve'))
    expect(await ledgerGate()).toEqual([1, ['LEDGER_BROKEN']])
    writeFileSync(repository.path('.ledger/ids.jsonl'), text)
    repository.editSpec('demo', (spec) => (spec.uid = '01JZ3V5K8Q0000000000000000'))
    expect(await ledgerGate()).toEqual([1, ['CARD_UNKNOWN']])
  })

  test('a plugin without a card proves none, and bears no proof of another', async () => {
    const repository = await sealed()
    await repository.done('plugin', 'certify', 'demo', '--out', '.local/dist')
    const place = { home: repository.folder, tenon: tenonIn(repository.folder) }
    const { ledger } = written(place, '.local/dist/demo-0.1.0').predicate()
    repository.editSpec('demo', (spec) => delete spec.uid)
    await repository.done('plugin', 'derive', 'demo')
    const { report } = await repository.done('plugin', 'certify', 'demo', '--out', '.local/bare')
    expect(report.gates.at(-1)).toMatchObject({ gate: 'ledger', checked: 0, idle: 'its spec names no card' })
    writeFileSync(repository.path('.ledger/ids.jsonl'), '')
    const unsealed = (await repository.done('plugin', 'certify', 'demo', '--out', '.local/unsealed')).report
    expect(unsealed.gates.at(-1)).toMatchObject({ checked: 0, idle: 'nothing is sealed in its repository yet' })
    const of = written(place, '.local/bare/demo-0.1.0')
    expect((await of.verify()).code).toBe(0)
    of.resign(({ predicate }) => (predicate.ledger = ledger))
    const { code, json } = await of.verify()
    expect([code, json().integrity]).toMatchObject([
      5,
      [{ code: 'LEDGER_BROKEN', message: expect.stringContaining(`${ledger.card}, and the bundle's is none`) }],
    ])
  })
})
