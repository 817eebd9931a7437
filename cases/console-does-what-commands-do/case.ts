import { generateKeyPairSync } from 'node:crypto'
import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { closeSharedBrowser } from '../../packages/console/test/browser.ts'
import { agree, openConsole, picture, rowOf } from '../harness/console.ts'
import { startPlatform, writePlugin, type Platform } from '../harness/platform.ts'
import { asking } from '../harness/tenon.ts'
import { SETTINGS } from './settings.ts'

afterAll(closeSharedBrowser)

const files = { 'src/act.ts': 'export const act = async (): Promise<object> => ({})\n' }

async function install(platform: Platform, id: string, spec: Record<string, unknown> = {}): Promise<void> {
  await platform.publish(await writePlugin(platform.home, { id, files, spec }))
  await platform.install(`acme/${id}`)
  await platform.enable(id)
}

test('settings are changed, refused at their fields, set for an environment and taken back, and secrets are shown to nobody', async () => {
  const platform = await startPlatform({ TENON_SETTING_TUNED__TONE: 'blue' })
  await install(platform, 'tuned', { settings: SETTINGS })
  const { url, adminToken: token } = platform.host
  const config = async (query = '') => (await platform.admin('GET', `/workspace/config/tuned${query}`)).body
  const page = await openConsole({ url, token, path: '/plugins/tuned' })
  await page.getByRole('link', { name: 'Settings' }).click()
  const form = page.getByRole('form', { name: 'Settings of tuned' })
  const field = (name: string) => form.getByLabel(name, { exact: true })
  await form.locator('[data-setting="greeting"]').getByText('default', { exact: true }).waitFor()
  expect(await field('Greeting').inputValue()).toBe('hello')
  expect(await field('Tone').isDisabled()).toBe(true)
  await form.getByText('TENON_SETTING_TUNED__TONE').waitFor()
  await page.getByText('Nothing was ever changed.').waitFor()

  await field('Greeting').fill('HELLO')
  await field('Limit').fill('many')
  await form.getByRole('button', { name: 'Save' }).click()
  await agree(page, 'Change 2 settings everywhere?', { reason: 'louder', verb: 'Change' })
  await form.getByRole('alert').getByText('What 2 fields say was refused.').waitFor()
  await form
    .locator('[data-setting="greeting"]')
    .getByText(/greeting .*\^\[a-z\]\+\$/)
    .waitFor()
  await form.locator('[data-setting="limit"]').getByText('limit is no integer').waitFor()
  expect(await field('Greeting').evaluate((input) => input.matches(':focus'))).toBe(true)
  expect((await config()).version).toBe(0)
  await picture(page, 'settings-refused')

  await field('Greeting').fill('moin')
  await field('Limit').fill('7')
  await field('Loud').selectOption('Yes')
  await form.getByRole('group', { name: 'Colors' }).getByLabel('BLUE').check()
  await field('Words').fill('three\nfour')
  await field('Token').fill('hunter2hunter2')
  const labels = form.getByRole('group', { name: 'Labels' })
  await labels.getByRole('button', { name: 'Add' }).click()
  await labels.getByLabel('Name 1').fill('team')
  await labels.getByLabel('Text 1').fill('north')
  await form.getByRole('button', { name: 'Save' }).click()
  await agree(page, 'Change 7 settings everywhere?', { reason: 'as in the north', verb: 'Change' })
  await form.getByText('Saved as version 1; the plugin is told when it starts.').waitFor()
  const { settings } = await config()
  expect(Object.fromEntries(Object.entries<{ value?: unknown }>(settings).map(([id, one]) => [id, one.value]))).toEqual(
    {
      ...{ greeting: 'moin', limit: 7, loud: true, tone: 'blue', colors: ['red', 'blue'], words: ['three', 'four'] },
      ...{ files: 'src/**', match: '^a', token: undefined, labels: [{ key: 'team', value: 'north' }] },
    },
  )
  expect(settings.token.source).toBe('stored')
  expect(await field('Token').inputValue()).toBe('')
  await rowOf(page, 'as in the north').getByText('token changed').waitFor()
  expect(await page.content()).not.toContain('hunter2')
  await picture(page, 'settings')

  await page.getByLabel('Environment', { exact: true }).last().fill('staging')
  await page.getByRole('button', { name: 'Show' }).click()
  await page.getByText('on hosts in the environment staging').waitFor()
  await field('Greeting').fill('ahoy')
  await form.getByRole('button', { name: 'Save' }).click()
  await agree(page, 'Change greeting in staging?', { reason: 'at sea', verb: 'Change' })
  await form.locator('[data-setting="greeting"]').getByText('set in staging').waitFor()
  expect((await config('?environment=staging')).settings.greeting.value).toBe('ahoy')
  expect((await config()).settings.greeting.value).toBe('moin')

  await page.getByRole('button', { name: 'This host' }).click()
  await page.getByRole('button', { name: 'Take greeting back' }).click()
  await agree(page, 'Take greeting back everywhere?', { reason: 'enough', verb: 'Take back' })
  await form.locator('[data-setting="greeting"]').getByText('default', { exact: true }).waitFor()
  expect((await config()).settings.greeting).toMatchObject({ source: 'default', value: 'hello' })
  await rowOf(page, 'enough', 'administrator').getByText('"moin" → not set').waitFor()
  await rowOf(page, 'at sea', 'staging').getByText('not set → "ahoy"').waitFor()
  await picture(page, 'settings-history')
})

test('an override is asked for where a plugin is refused, approved by another than who asked, and revoked', async () => {
  const platform = await startPlatform()
  const { admin, host } = platform
  await install(platform, 'sound')
  await admin('POST', '/admin/plugins/sound/revoke', { why: 'a scanner says so' })
  const { token: bobs } = (await admin('POST', '/admin/users', { name: 'bob' })).body
  const call = async () => (await admin('POST', '/gateway/sound/act', {})).status
  const overrides = async () => (await admin('GET', '/admin/overrides')).body.overrides

  const page = await openConsole({ url: host.url, token: host.adminToken, path: '/plugins/sound' })
  await page.getByRole('link', { name: 'ask for an override' }).click()
  const form = page.getByRole('form', { name: 'Ask for an override' })
  await page.getByText('None was ever asked for').waitFor()
  await form.getByText(/Against it now: BUNDLE_REVOKED, .*a scanner says so/).waitFor()
  expect(await form.getByLabel('Finding that is not to count').inputValue()).toBe('BUNDLE_REVOKED')
  await form.getByLabel('For how long').fill('90')
  await form.getByLabel('Unit').selectOption('days')
  await form.getByLabel('Reason').fill('we looked')
  await form.getByRole('button', { name: 'Ask' }).click()
  await form.getByText(/7776000000 ms is not from 1 second to 30 days/).waitFor()
  await form.getByLabel('For how long').fill('2')
  await form.getByRole('button', { name: 'Ask' }).click()
  await form.getByText('Asked for. Another administrator approves it.').waitFor()
  const row = rowOf(page, 'sound', 'BUNDLE_REVOKED', 'we looked')
  await row.getByText('requested', { exact: true }).waitFor()

  await row.getByRole('button', { name: 'Approve' }).click()
  await agree(page, 'Approve the override for sound?', { verb: 'Approve' })
  const refusal = page.getByRole('alert').filter({ hasText: 'PERMISSION_DENIED' })
  await refusal.getByText('admin:administrator asked for it: another administrator approves it').waitFor()
  await refusal.getByText('The administrators are administrator, bob.').waitFor()
  expect(await overrides()).toMatchObject([{ state: 'requested' }])
  await picture(page, 'override-of-ones-own')
  expect(await call()).toBe(403)

  const bob = await openConsole({ url: host.url, token: bobs, path: '/overrides' })
  await rowOf(bob, 'we looked').getByRole('button', { name: 'Approve' }).click()
  await agree(bob, 'Approve the override for sound?', { verb: 'Approve' })
  await rowOf(bob, 'we looked').getByText('approved by admin:bob').waitFor()
  expect(await call()).toBe(200)
  await row.getByText('approved', { exact: true }).waitFor()

  await row.getByRole('button', { name: 'Revoke' }).click()
  await agree(page, 'Revoke the override for sound?', { verb: 'Revoke' })
  await row.getByText('revoked by admin:administrator').waitFor()
  expect(await row.getByRole('button').count()).toBe(0)
  expect(await overrides()).toMatchObject([{ state: 'revoked' }])
  expect(await call()).toBe(403)
  await picture(page, 'overrides')
})

test('keys are trusted and revoked, and a version of a plugin is, with a reason and not without saying that it is for ever', async () => {
  const platform = await startPlatform()
  const { admin, host } = platform
  await install(platform, 'sound')
  const keys = async () => (await admin('GET', '/admin/keys')).body.keys
  const revocations = async () => (await admin('GET', '/admin/revocations')).body.here
  const page = await openConsole({ url: host.url, token: host.adminToken, path: '/trust' })
  await page.getByText('Nothing is revoked').waitFor()
  const [signer] = await keys()
  await rowOf(page, signer.keyId, 'acme', platform.registry.url).getByText('trusted').waitFor()

  const form = page.getByRole('form', { name: 'Trust a key' })
  await form.getByLabel('Publisher').fill('No Name')
  await form.getByRole('button', { name: 'Trust' }).click()
  await form.getByText('What 2 fields say was refused.').waitFor()
  await form.getByLabel('Publisher').fill('globex')
  await form.getByLabel('Public key').fill('no key')
  await form.getByRole('button', { name: 'Trust' }).click()
  await form.getByRole('alert').getByText('KEY_INVALID').waitFor()
  const { publicKey } = generateKeyPairSync('ed25519')
  await form.getByLabel('Public key').fill(String(publicKey.export({ type: 'spki', format: 'pem' })))
  await form.getByRole('button', { name: 'Trust' }).click()
  await form.getByText('may sign for globex.').waitFor()
  const row = rowOf(page, 'globex', 'operator')
  await row.getByText('trusted').waitFor()
  await picture(page, 'trust')

  await row.getByRole('button', { name: /^Revoke sha256:/ }).click()
  await agree(page, 'Revoke this key?', { reason: 'it was stolen', verb: 'Revoke key' })
  await row.getByText('revoked', { exact: true }).waitFor()
  expect((await keys()).map(({ publisher, revoked }: Record<string, unknown>) => [publisher, revoked])).toEqual([
    ['acme', false],
    ['globex', true],
  ])
  await rowOf(page, 'key', 'this machine').getByText('it was stolen').waitFor()

  const others = page.getByRole('form', { name: 'Revoke a key that is not listed' })
  const lost = `sha256:${'0'.repeat(64)}`
  await others.getByLabel('Key id').fill(lost)
  await others.getByRole('button', { name: 'Revoke …' }).click()
  await agree(page, 'Revoke this key?', { reason: 'lost on a train', verb: 'Revoke key' })
  await rowOf(page, lost).getByText('lost on a train').waitFor()

  await page.getByRole('link', { name: 'Plugins' }).click()
  await page.getByRole('link', { name: 'sound' }).click()
  await page.getByRole('button', { name: 'Revoke sound' }).click()
  const dialog = page.getByRole('dialog', { name: 'Revoke sound 1.0.0?' })
  await dialog.getByLabel('Reason').fill('it mints the same id twice')
  await dialog.getByRole('button', { name: 'Revoke version' }).click()
  await picture(page, 'revoke')
  expect(await dialog.isVisible()).toBe(true)
  expect(await revocations()).toHaveLength(2)
  await agree(page, 'Revoke sound 1.0.0?', { verb: 'Revoke version' })
  await page.getByText('BUNDLE_REVOKED').first().waitFor()
  expect((await admin('POST', '/gateway/sound/act', {})).body.code).toBe('BUNDLE_REVOKED')
  await page.getByRole('link', { name: 'Trust' }).click()
  await rowOf(page, 'bundle', 'acme').getByText('it mints the same id twice').waitFor()
  await page.getByRole('button', { name: 'Ask the registries now' }).click()
  await page.getByText('Asked; what may not run any more has ended.').waitFor()
  await page.getByText(`${platform.registry.url} was asked`).waitFor()
  await picture(page, 'revocations')
})

test('what a plugin asks for is granted to it on a host or in its workspace, and taken back', async () => {
  const platform = await startPlatform()
  const { admin, host } = platform
  const permissions = [
    { capability: 'storage:kv', reason: 'Keeps what it counted.' },
    { capability: 'event:publish:plugin.asking.done', reason: 'Says when it is done.' },
  ]
  await install(platform, 'asking', { permissions, storage: { quotaMb: 1, schemaVersion: 1 } })
  const here = async () => (await admin('GET', '/admin/plugins/asking/grants')).body.capabilities
  const inWorkspace = async () => (await admin('GET', '/workspace')).body.grants.asking
  const page = await openConsole({ url: host.url, token: host.adminToken, path: '/plugins/asking' })
  const region = (name: string) => page.getByRole('region', { name, exact: true })
  const permission = (capability: string) => region('Permissions').getByRole('row').filter({ hasText: capability })
  const grant = (capability: string) => region('Grants').getByRole('row').filter({ hasText: capability })
  await page.getByText('Nothing is granted to it.').waitFor()

  await permission('storage:kv').getByRole('button', { name: 'Grant' }).click()
  await agree(page, 'Grant to asking?', { verb: 'Grant' })
  await grant('storage:kv').getByText('this host').waitFor()
  await permission('storage:kv').getByText('granted', { exact: true }).waitFor()
  expect(await here()).toEqual(['storage:kv'])

  await permission('event:publish').getByRole('button', { name: 'Grant' }).click()
  await page.getByRole('dialog').getByLabel('Where').selectOption('In the workspace, written to tenon.json')
  await agree(page, 'Grant to asking?', { verb: 'Grant' })
  await grant('event:publish').getByText('the workspace').waitFor()
  expect(await inWorkspace()).toEqual(['event:publish:plugin.asking.done'])

  const form = page.getByRole('form', { name: 'Grant another capability' })
  await form.getByLabel('Another capability').fill('net:connect:')
  await form.getByRole('button', { name: 'Grant …' }).click()
  await agree(page, 'Grant to asking?', { verb: 'Grant' })
  await page.getByRole('alert').getByText('CAPABILITY_INVALID').waitFor()
  expect(await here()).toEqual(['storage:kv'])
  await form.getByLabel('Another capability').fill('net:connect:*.example.org')
  await form.getByRole('button', { name: 'Grant …' }).click()
  await agree(page, 'Grant to asking?', { verb: 'Grant' })
  await grant('net:connect:*.example.org').getByText('this host').waitFor()
  await picture(page, 'grants')

  for (const capability of ['storage:kv', 'event:publish', 'net:connect']) {
    await grant(capability)
      .getByRole('button', { name: /^Take .* back/ })
      .click()
    await agree(page, 'Take a grant of asking back?', { verb: 'Take back' })
    await grant(capability).waitFor({ state: 'detached' })
  }
  await permission('storage:kv').getByText('not granted').waitFor()
  expect([await here(), await inWorkspace()]).toEqual([[], []])
})

test('storage is checked, backed up, restored and sealed under another key, and what is damaged is named', async () => {
  const platform = await startPlatform()
  const { admin, host, home, workspace } = platform
  await install(platform, 'tuned', { settings: SETTINGS })
  const greet = (greeting: string) =>
    admin('PUT', '/workspace/config/tuned', { settings: { greeting, token: 'a-secret' }, why: 'a trial' })
  const greeting = async () => (await admin('GET', '/workspace/config/tuned')).body.settings.greeting.value
  await greet('moin')
  const page = await openConsole({ url: host.url, token: host.adminToken, path: '/storage' })
  await page.getByRole('button', { name: 'Check every row' }).click()
  await page.getByText('Every row is as it was written.').waitFor()

  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Download a backup' }).click()
  const saved = join(home, 'saved.db')
  await (await downloading).saveAs(saved)
  await page.getByText(`${statSync(saved).size.toLocaleString('en-US')} bytes are saved.`).waitFor()
  await greet('ahoy')

  const restore = page.getByRole('form', { name: 'Restore' })
  writeFileSync(join(home, 'diary.txt'), 'dear diary\n'.repeat(500))
  await restore.getByLabel('Backup').setInputFiles(join(home, 'diary.txt'))
  await restore.getByRole('button', { name: 'Restore …' }).click()
  await agree(page, 'Restore diary.txt?', { verb: 'Restore' })
  await restore.getByRole('alert').getByText('DATA_FOLDER_CORRUPT').waitFor()
  expect(await greeting()).toBe('ahoy')
  await restore.getByLabel('Backup').setInputFiles(saved)
  await restore.getByRole('button', { name: 'Restore …' }).click()
  await agree(page, 'Restore saved.db?', { verb: 'Restore' })
  await restore.getByText('What plugins keep is as the backup has it.').waitFor()
  expect(await greeting()).toBe('moin')

  await page.getByRole('button', { name: 'Replace the master key' }).click()
  await agree(page, 'Replace the master key?', { verb: 'Replace the master key' })
  await page.getByText('Every secret is sealed under a new master key.').waitFor()
  await page.getByRole('button', { name: 'Forget former keys' }).click()
  await agree(page, 'Forget the former master keys?', { verb: 'Forget former keys' })
  await page.getByText('Forgotten: 1.').waitFor()
  await picture(page, 'storage')

  const database = new DatabaseSync(join(workspace, '.tenon/data/storage.db'))
  database.exec("UPDATE plugin_row SET value = replace(value, 'moin', 'noim') WHERE key = 'current'")
  database.close()
  await page.getByRole('button', { name: 'Check every row' }).click()
  await page.getByText('1 row is damaged.').waitFor()
  await rowOf(page, 'current', 'tuned', 'config').waitFor()
  await page.getByRole('button', { name: 'Download a backup' }).click()
  await page.getByRole('alert').getByText('DATA_FOLDER_CORRUPT').waitFor()
  await picture(page, 'storage-damaged')
  const steps = (await admin('GET', '/admin/audit?actor=admin:administrator&limit=500')).body.items
  const recorded = steps.filter(({ action }: { action: string }) => action.startsWith('storage.'))
  expect(recorded.map(({ action, decision }: Record<string, string>) => `${action} ${decision}`).toReversed()).toEqual([
    ...['storage.backup allow', 'storage.restore allow', 'storage.restore deny', 'storage.restore allow'],
    ...['storage.rotate-key allow', 'storage.drop-former-keys allow', 'storage.backup allow', 'storage.backup deny'],
  ])
})

test('administrators are added with a token that is shown once, and taken out', async () => {
  const { admin, host } = await startPlatform()
  const page = await openConsole({ url: host.url, token: host.adminToken, path: '/administrators' })
  const form = page.getByRole('form', { name: 'Add an administrator' })
  const add = form.getByRole('button', { name: 'Add' })
  await form.getByLabel('Name').fill('Bob Smith')
  await add.click()
  await form.getByText('What one field says was refused.').waitFor()
  await form.getByLabel('Name').fill('bob')
  await add.click()
  await form.getByText('The token of bob, shown this once:').waitFor()
  await rowOf(page, 'bob').waitFor()
  await picture(page, 'administrators')
  const token = await form.getByRole('status').locator('code').innerText()
  const bob = asking(host.url, token)
  expect((await bob('GET', '/auth/me')).body.name).toBe('bob')
  await page.getByRole('link', { name: 'Plugins' }).click()
  await page.getByRole('link', { name: 'Administrators' }).click()
  await rowOf(page, 'bob').waitFor()
  expect(await page.content()).not.toContain(token)

  await page.getByRole('button', { name: 'Take administrator out' }).click()
  await agree(page, 'Take administrator out?', { verb: 'Take out' })
  await page.getByRole('alert').getByText('Start it with --reset-admin-token when its token is lost.').waitFor()
  await page.getByRole('button', { name: 'Take bob out' }).click()
  await agree(page, 'Take bob out?', { verb: 'Take out' })
  await rowOf(page, 'bob').waitFor({ state: 'detached' })
  expect((await bob('GET', '/auth/me')).status).toBe(401)
  expect((await admin('GET', '/admin/users')).body.users).toEqual([{ name: 'administrator' }])
})

const MOVING = `import { definePlugin } from '@tenon/sdk'
// <auto:begin id=operations gen=node@2 sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855>
// <auto:end id=operations>

const settingsMigrations = [{ to: 2, up: ({ deep, ...others }) => ({ ...others, depth: deep }) }]
export default definePlugin({ operations, settingsMigrations })
`

test('settings of an earlier version are not changed before they are migrated, which is tried first', async () => {
  const platform = await startPlatform()
  const { admin, host, home } = platform
  await install(platform, 'moving', { settings: { deep: { type: 'integer', label: 'Deep' } } })
  await admin('PUT', '/workspace/config/moving', { settings: { deep: 3 }, why: 'as before' })
  const spec = { version: '2.0.0', settingsVersion: 2, settings: { depth: { type: 'integer', label: 'Depth' } } }
  const later = { id: 'moving', spec, files: { ...files, 'src/plugin.ts': MOVING } }
  await platform.publish(await writePlugin(join(home, 'later'), later))
  await platform.install('acme/moving@2.0.0')

  const page = await openConsole({ url: host.url, token: host.adminToken, path: '/plugins/moving/settings' })
  const depth = page.getByLabel('Depth', { exact: true })
  await depth.fill('4')
  await page.getByRole('button', { name: 'Save' }).click()
  await agree(page, 'Change depth everywhere?', { reason: 'deeper', verb: 'Change' })
  await page.getByRole('alert').getByText('MIGRATION_NEEDED').waitFor()
  await page.getByRole('button', { name: 'Discard' }).click()

  await page.getByRole('button', { name: 'Try on a copy' }).click()
  await page.getByText('It would go well: settings from version 1 to 2, 1 of them changed.').waitFor()
  expect(await depth.inputValue()).toBe('')
  await page.getByRole('button', { name: 'Migrate', exact: true }).click()
  await page.getByText('Done: settings from version 1 to 2').waitFor()
  await expect.poll(() => depth.inputValue()).toBe('3')
  expect((await admin('GET', '/workspace/config/moving')).body.settings.depth.value).toBe(3)
  await picture(page, 'migration')
})
