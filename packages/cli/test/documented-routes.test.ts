import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { newSigningKey, publicKeyText } from '@tenon/bundle'
import { prettyJson } from '@tenon/contract'
import type { Tenon } from './in-process.ts'
import { ECHO, market, stepper } from './market.ts'

type Asked = { method: string; path: string }

/** Stands before a server and notes what is asked of it. */
async function listeningAt(target: string): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  const { host } = new URL(target)
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '' } = incoming
    asked.push({ method, path: url.replace(/\?.*/, '') })
    const passing = request(target + url, { method, headers: { ...incoming.headers, host } }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(outgoing)
    })
    incoming.pipe(passing)
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

type OpenApi = { paths: Record<string, Record<string, unknown>> }

/** The routes of a document, as texts to match. */
const documented = ({ paths }: OpenApi, { method, path }: Asked): boolean =>
  Object.entries(paths).some(
    ([template, methods]) =>
      // The routes of roles, whose first word plugins bring, match anything.
      !template.startsWith('/{') &&
      new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path) &&
      method.toLowerCase() in methods,
  )

/** Every verb that works with a host or registry, each at work once; the rest works on files or serves. */
const COMMANDS = [
  'plugin install acme/echoing --grant storage:kv',
  'plugin install acme/echoing --plan',
  'plugin list',
  'plugin enable echoing',
  'plugin inspect echoing',
  'call echoing act --input tenon.json',
  'admin audit --action operator.call --decision allow --limit 5 --offset 0',
  'admin grants echoing --set operator:call:echoing/act --set event:publish:X',
  'admin grants echoing',
  'admin allowlist echoing echoing',
  'admin allowlist echoing echoing --set act',
  'admin storage check',
  'admin storage backup saved.db',
  'admin storage restore saved.db',
  'admin storage rotate-key',
  'admin storage drop-former-keys',
  'plugin config echoing',
  'plugin config set echoing --why tried',
  'plugin config history echoing',
  'admin override list',
  'admin user add bob',
  'admin user list',
  'admin user remove bob',
  'plugin migrate echoing --dry-run',
  'plugin disable echoing --reason why',
  'admin remove echoing',
  'plugin uninstall echoing',
  'plugin rollback',
  'key trust key.pem --publisher acme',
  'key list --ask',
  `key revoke sha256:${'0'.repeat(64)} --why lost`,
  'plugin revoke echoing@1.0.0 --why old',
  'runs list',
  'runs prune',
  'ledger verify',
]

test('nothing that a host can do is reachable from the command line alone', async () => {
  const { publish, host, tenon, project } = await market()
  await publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })
  const { url, adminToken } = await host()
  const openApi = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi
  const listening = await listeningAt(url)
  const owner = { pid: process.pid, startedAt: '', url: listening.url }
  writeFileSync(join(project, '.tenon/data/owner.json'), prettyJson(owner))
  writeFileSync(join(project, 'key.pem'), publicKeyText(newSigningKey().publicKey))
  const used = new Set<string>()
  for (const words of COMMANDS) {
    listening.asked.length = 0
    const { code, stderr } = await tenon(words.split(' '), { env: { TENON_TOKEN: adminToken } })
    expect([words, code, stderr]).toEqual([words, 0, ''])
    expect([words, listening.asked.length > 0]).toEqual([words, true])
    expect([words, listening.asked.filter((one) => !documented(openApi, one))]).toEqual([words, []])
    for (const { method, path } of listening.asked) used.add(`${method} ${path}`)
  }
  expect(documented(openApi, { method: 'GET', path: '/workspace/secret-door' })).toBe(false)
  await expect(`${[...used].sort().join('\n')}\n`).toMatchFileSnapshot('./golden/asked-routes.txt')
})

const FAR = {
  id: 'far',
  name: 'Far',
  version: '1.0.0',
  description: 'A plugin elsewhere',
  contracts: ['FarPlugin'],
  traits: ['audit_required'],
  endpoints: { list: '/api/list' },
  security: { authentication_required: true, data_classification: ['internal'] },
  compliance: { hipaa_controls: [], audit_level: 'basic' },
  health_check: { type: 'http', endpoint: '/health', interval: 30, timeout: 5 },
}

test('an operator shows and sets grants, allowed calls and addresses', async () => {
  const { publish, tenon, host } = await market()
  await publish({ id: 'echoing', files: { 'src/act.ts': ECHO } })
  const { url, adminToken } = await host()
  const headers = { 'content-type': 'application/json' }
  const registered = await fetch(`${url}/plugins/register`, { method: 'POST', headers, body: JSON.stringify(FAR) })
  expect(registered.status).toBe(200)
  const asAdmin: Tenon = (argv) => tenon(argv, { env: { TENON_TOKEN: adminToken } })
  const step = stepper(asAdmin)
  await step('plugin', 'install', 'acme/echoing')
  expect(await step('admin', 'grants', 'echoing')).toBe('echoing is granted here: nothing\n')
  expect(await step('admin', 'grants', 'echoing', '--set', 'storage:kv')).toBe('echoing is granted here: storage:kv\n')
  expect(await step('admin', 'allowlist', 'echoing', 'far')).toBe('echoing may call of far: nothing\n')
  expect(await step('admin', 'allowlist', 'echoing', 'far', '--set', 'b', '--set', 'a')).toMatch(
    /^echoing may call of far: [ab], [ab]\n$/,
  )
  expect(await step('admin', 'address', 'far', 'http://127.0.0.1:9')).toBe('far answers at http://127.0.0.1:9\n')
  expect(JSON.parse(await step('plugin', 'inspect', 'far', '--json'))).toMatchObject({ address: 'http://127.0.0.1:9' })
  expect(await step('plugin', 'list')).toMatch(/^far +1\.0\.0 +remote +registered +unknown +not contained$/m)
  expect(await step('admin', 'remove', 'far')).toBe('far is removed\n')
  expect(await step('admin', 'audit', '--action', 'capability.grant')).toMatch(
    /^2 entries\nAT +DECISION +ACTOR +ACTION +TARGET +REASON\n\S+ +allow +admin:\S+ +capability\.grant +echoing /,
  )
  const wrong = await asAdmin(['admin', 'grants', 'echoing', '--set', 'fs:eat'])
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('CAPABILITY_INVALID')])
  const page = await asAdmin(['admin', 'audit', '--limit', '0'])
  expect([page.code, page.stderr]).toEqual([2, expect.stringMatching(/HTTP_INVALID[\s\S]*\/query\/limit/)])
})
