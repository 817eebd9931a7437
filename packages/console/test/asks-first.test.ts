import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedBrowser } from './browser.ts'
import { servedConsole, type ServedConsole } from './served-console.ts'

let served: ServedConsole

beforeAll(async () => {
  served = await servedConsole()
})

afterAll(() => served.close())

type Asked = { method: string; path: string; body: unknown }

/** A page of the console before a host that answers these by their path, and all that it was asked to do. */
async function before(answers: Record<string, unknown>, path: string): Promise<{ page: Page; asked: Asked[] }> {
  const page = await (await (await sharedBrowser()).newContext()).newPage()
  const asked: Asked[] = []
  const known: Record<string, unknown> = { '/auth/me': { name: 'somebody', traits: ['admin'] }, ...answers }
  for (const [answering, answer] of Object.entries(known))
    await page.route(served.url + answering, async (route) => {
      const method = route.request().method()
      if (method !== 'GET') asked.push({ method, path: answering, body: route.request().postDataJSON() })
      await route.fulfill({ contentType: 'application/json', body: JSON.stringify(answer) })
    })
  await page.goto(`${served.url}/ui${path}`)
  return { page, asked }
}

test('what nobody can take back is done only after whoever asks for it has said to know that', async () => {
  const { page, asked } = await before({ '/admin/storage/drop-former-keys': { dropped: 2 } }, '/storage')
  await page.getByRole('button', { name: 'Forget former keys' }).click()
  const dialog = page.getByRole('dialog', { name: 'Forget the former master keys?' })
  await dialog.getByRole('button', { name: 'Forget former keys' }).click()
  expect(await dialog.getByRole('checkbox').evaluate((box) => box.matches(':focus'))).toBe(true)
  expect(asked).toEqual([])
  await dialog.getByRole('checkbox').check()
  await dialog.getByRole('button', { name: 'Forget former keys' }).click()
  await page.getByText('Forgotten: 2.').waitFor()
  expect(asked).toHaveLength(1)
  await page.context().close()
})

const LIMIT = { declaration: { type: 'integer', label: 'Limit' }, source: 'stored', value: 3 }
const TOKEN = { declaration: { type: 'secret', label: 'Token' }, source: 'stored' }
const TONE = { declaration: { type: 'single-string', label: 'Tone' }, source: 'variable', value: 'low' }
const TUNED = {
  '/workspace/config/tuned': {
    version: 1,
    plugin: 'told',
    settings: { limit: LIMIT, token: TOKEN, tone: TONE },
    problems: [],
  },
  '/workspace/config/tuned/history': { changes: [] },
}

test('a reason of blanks is none, and nothing is asked of the host without one', async () => {
  const { page, asked } = await before(TUNED, '/plugins/tuned/settings')
  await page.getByLabel('Limit', { exact: true }).fill('4')
  await page.getByRole('button', { name: 'Save' }).click()
  const dialog = page.getByRole('dialog', { name: 'Change limit everywhere?' })
  const change = dialog.getByRole('button', { name: 'Change' })
  for (const reason of ['', '   ']) {
    await dialog.getByLabel('Reason').fill(reason)
    await change.click()
    expect(await dialog.getByLabel('Reason').evaluate((field) => field.matches(':focus:invalid'))).toBe(true)
  }
  await dialog.getByLabel('Reason').fill(' four of them ')
  await change.click()
  await page.getByText('Saved as version 1; the plugin was told.').waitFor()
  const body = { settings: { limit: 4 }, why: 'four of them' }
  expect(asked).toEqual([{ method: 'PUT', path: '/workspace/config/tuned', body }])
  await page.context().close()
})

test('what a variable sets cannot be edited, and a secret is forgotten once it is saved', async () => {
  const { page, asked } = await before(TUNED, '/plugins/tuned/settings')
  const token = page.getByLabel('Token', { exact: true })
  await token.fill('hunter2')
  expect(await page.getByLabel('Tone', { exact: true }).isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('dialog').getByLabel('Reason').fill('a new one')
  await page.getByRole('dialog').getByRole('button', { name: 'Change' }).click()
  await page.getByText('Saved as version 1').waitFor()
  expect(asked.map(({ body }) => body)).toEqual([{ settings: { token: 'hunter2' }, why: 'a new one' }])
  expect(await token.inputValue()).toBe('')
  await page.context().close()
})
