import { afterAll, expect, test } from 'vitest'
import { closeSharedBrowser } from '../../packages/console/test/browser.ts'
import { agree, openConsole, picture, rowOf } from '../harness/console.ts'
import { startPlatform, writePlugin, type Platform } from '../harness/platform.ts'
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
