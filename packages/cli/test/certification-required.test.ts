import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { SCENARIOS } from './certified-plugin.ts'
import { serving, tenonIn, type Ended } from './in-process.ts'
import { market, type Market } from './market.ts'
import { feature, scenario } from './tested-plugin.ts'

const REQUIRED = { env: { TENON_CERTIFICATION: 'required' } }
/** The example that comes with a new plugin, from the workspace. */
const INPUT = '../plugins/demo/examples/echo_request.json'
const FILE = 'plugins/demo/conformance/behavior/demo.feature'

/** A plugin of acme that can be certified, in the folder of its market. */
async function author({ home, registry }: Market): Promise<(...argv: string[]) => Promise<Ended>> {
  const tenon = tenonIn(home)
  const made = await tenon(['admin', 'publisher', 'acme', '--json', '--registry', registry.url], {
    env: { TENON_TOKEN: registry.adminToken },
  })
  const env = { TENON_TOKEN: made.json().token as string, TENON_REGISTRY_URL: registry.url }
  const done = (...argv: string[]): Promise<Ended> => tenon(argv, { env })
  expect((await done('plugin', 'new', 'demo', '--publisher', 'acme')).code).toBe(0)
  mkdirSync(dirname(join(home, FILE)), { recursive: true })
  writeFileSync(join(home, FILE), feature(scenario('It says the same', ...SCENARIOS.node)))
  expect((await done('plugin', 'derive', 'demo')).code).toBe(0)
  expect((await done('plugin', 'certify', 'demo')).code).toBe(0)
  return done
}

const REFUSED = {
  code: 5,
  stderr: expect.stringMatching(/ATTESTATION_MISSING: "demo" is not certified, as .*\n[^]*hint: /),
}

test('a host whose operator requires it neither installs nor runs what is only packed', async () => {
  const place = await market()
  const done = await author(place)
  expect((await done('plugin', 'publish', 'demo')).stderr).toBe('')
  const { tenon } = place
  expect(await tenon(['plugin', 'install', 'demo'], REQUIRED)).toMatchObject(REFUSED)
  expect((await tenon(['plugin', 'install', 'demo'])).stderr).toBe('')
  expect((await tenon(['plugin', 'enable', 'demo'])).stderr).toBe('')
  const call = ['call', 'demo', 'echo', '--input', INPUT]
  expect(await tenon(call, REQUIRED)).toMatchObject({ code: 5, stderr: expect.stringContaining('ATTESTATION_MISSING') })
  const host = await place.host([], REQUIRED)
  const answer = await fetch(`${host.url}/gateway/demo/echo`, {
    method: 'POST',
    headers: { authorization: `Bearer ${host.adminToken}`, 'content-type': 'application/json' },
    body: '{"text":"a"}',
  })
  expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'ATTESTATION_MISSING' }])
})

test('a registry whose operator requires it takes what is certified, and a host then runs it', async () => {
  const place = await market()
  const registry = await serving(tenonIn(place.home), ['registry', 'serve', '--data-dir', 'strict'], REQUIRED)
  const strict = { ...place, registry }
  const done = await author(strict)
  expect(await done('plugin', 'publish', 'demo')).toMatchObject(REFUSED)
  expect((await done('plugin', 'publish', 'dist/demo-0.1.0.tgz')).stderr).toBe('')
  const around = { env: { ...REQUIRED.env, TENON_REGISTRY_URL: registry.url } }
  const { tenon } = place
  expect((await tenon(['plugin', 'install', 'demo'], around)).stderr).toBe('')
  expect((await tenon(['plugin', 'enable', 'demo'], around)).stderr).toBe('')
  const { stdout, stderr } = await tenon(['call', 'demo', 'echo', '--input', INPUT, '--json'], around)
  expect([stderr, JSON.parse(stdout)]).toEqual(['', { text: expect.any(String) }])
})

test('a setting that is neither is refused', async () => {
  const { tenon } = await market()
  expect(await tenon(['plugin', 'list'], { env: { TENON_CERTIFICATION: 'yes' } })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('It is "required" or "optional"'),
  })
})
