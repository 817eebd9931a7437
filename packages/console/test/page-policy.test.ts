import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedBrowser } from './browser.ts'
import { watchFaults } from './faults.ts'
import { servedConsole, type ServedConsole } from './served-console.ts'

type Chunk = { file: string; isEntry?: boolean; imports?: string[]; dynamicImports?: string[] }

let served: ServedConsole
let url = ''

beforeAll(async () => {
  served = await servedConsole()
  url = served.url
})

afterAll(() => served.close())

/** A page of a server that has the console and nothing else. */
async function openPage(path: string): Promise<{ page: Page; faults: string[] }> {
  const browser = await sharedBrowser()
  const context = await browser.newContext()
  const page = await context.newPage()
  const faults = watchFaults(page, url)
  await page.goto(url + path)
  return { page, faults }
}

describe('under the policy that the server sends', () => {
  test('the console starts, styled and silent, and shows why it can go no further', async () => {
    const { page, faults } = await openPage('/ui/audit')
    const notice = page.getByRole('alert')
    await notice.waitFor()
    expect(await notice.innerText()).toContain('there is no route GET /auth/me')
    expect(await notice.innerText()).toContain('HTTP_ROUTE_UNKNOWN')
    const retry = page.getByRole('button', { name: 'Try again' })
    expect(await retry.evaluate((button) => getComputedStyle(button).borderTopStyle)).toBe('solid')
    expect(await retry.evaluate((button) => getComputedStyle(button).paddingLeft)).not.toBe('0px')
    expect(await page.locator('style, [style*="url("]').count()).toBe(0)
    expect(faults).toEqual([])
    await page.context().close()
  })

  test('a token leaves the address and the history at once, whatever becomes of it', async () => {
    const { page, faults } = await openPage('/ui/map?node=a.md#token=a-secret')
    await page.getByRole('alert').waitFor()
    expect(page.url()).toBe(`${url}/ui/map?node=a.md`)
    await page.goto('about:blank')
    await page.goBack()
    expect(page.url()).toBe(`${url}/ui/map?node=a.md`)
    expect(faults.filter((fault) => fault !== 'about:blank')).toEqual([])
    await page.context().close()
  })

  test.each(['light', 'dark'] as const)('a %s system has a page to match', async (colorScheme) => {
    const { page } = await openPage('/ui/')
    await page.emulateMedia({ colorScheme })
    await page.getByRole('alert').waitFor()
    const shown = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const brightness = Number(/\d+/.exec(shown)?.[0])
    expect(brightness > 128).toBe(colorScheme === 'light')
    await page.context().close()
  })
})

const ROW = {
  ...{ id: 'seen', name: 'Seen before', version: '1.0.0', kind: 'node', status: 'active', health: 'healthy' },
  ...{ contained: true, contracts: [], traits: [] },
}

test.each(['is signed out', 'has run out'])(
  'what was read in a session that %s is not shown in the next',
  async (end) => {
    const page = await (await (await sharedBrowser()).newContext()).newPage()
    let isSignedIn = true
    let isAnswering = true
    const json = (body: object, status = 200) => ({
      status,
      contentType: 'application/json',
      body: JSON.stringify(body),
    })
    const refusal = json({ title: 'No', detail: 'the session is over' }, 401)
    await page.route(`${url}/auth/me`, (route) =>
      route.fulfill(isSignedIn ? json({ name: 'somebody', traits: [] }) : refusal),
    )
    await page.route(`${url}/auth/session`, (route) => {
      isSignedIn = route.request().method() === 'POST'
      return route.fulfill({ status: 204 })
    })
    await page.route(`${url}/plugins`, async (route) => {
      if (!isSignedIn) await route.fulfill(refusal)
      else if (isAnswering) await route.fulfill(json({ plugins: [ROW], total: 1 }))
    })
    await page.goto(`${url}/ui/plugins`)
    const seen = page.getByText(ROW.name)
    await seen.waitFor()
    isAnswering = false
    if (end === 'is signed out') await page.getByRole('button', { name: 'Sign out' }).click()
    else isSignedIn = false
    await page.getByLabel('Administrator token').fill('a-token')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: 'Plugins' }).waitFor()
    expect(await seen.count()).toBe(0)
    await page.context().close()
  },
)

test('the parts that draw the map come with the map page alone', () => {
  const manifest = JSON.parse(readFileSync(join(served.folder, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>
  const [entry] = Object.entries(manifest).find(([, chunk]) => chunk.isEntry) ?? ['']
  const atStart = new Set<string>()
  const visit = (name: string): void => {
    if (atStart.has(name)) return
    atStart.add(name)
    for (const next of manifest[name]?.imports ?? []) visit(next)
  }
  visit(entry)
  const text = (name: string): string => readFileSync(join(served.folder, manifest[name]?.file ?? ''), 'utf8')
  expect(manifest[entry]?.dynamicImports).toContain('src/map-page.tsx')
  expect(text('src/map-page.tsx')).toContain('Sigma:')
  expect([...atStart].filter((name) => text(name).includes('Sigma:'))).toEqual([])
})
