import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { temporaryFolder } from '@tenon/testkit'
import { watchFaults } from './faults.ts'

export type TourOptions = {
  /** Of the host, without `/ui/`. */
  url: string
  /** Of the administrator. */
  token: string
  page: Page
  /** The folder that the pictures go to. */
  screenshots: string
  /** Authorised HTTP to the host. */
  ask: (path: string, init?: RequestInit) => Promise<Response>
}

type Row = { id: string; name: string; version: string; status: string; health: string; contained: boolean }
type Detail = {
  id: string
  name: string
  permissions: { capability: string; granted: boolean }[]
  operations: { name: string }[]
  verification: { signer: string; refusals: object[] }
}
type Entry = { action: string; target: string; decision: string }

/** Goes through the whole console as an operator would, and believes no page that the host does not confirm. */
export async function tourConsole(options: TourOptions): Promise<void> {
  const faults = watchFaults(options.page, options.url)
  await signIn(options)
  await checkPluginTable(options)
  const plugin = await switchOneOffAndOn(options)
  await checkDetail(options, plugin)
  await checkAudit(options, plugin)
  await checkMap(options)
  await checkEmptiedMap(options)
  await signOutAndInByAddress(options)
  assert.deepEqual(faults, [], 'the pages threw, broke their policy or asked another host')
}

async function signIn({ page, url, token, screenshots }: TourOptions): Promise<void> {
  await page.goto(`${url}/ui/`)
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  const field = page.getByLabel('Administrator token')
  await field.fill('not-the-token')
  await page.getByRole('button', { name: 'Sign in' }).click()
  const refusal = page.getByRole('alert')
  await refusal.waitFor()
  assert.match(await refusal.innerText(), /TOKEN_INVALID/)
  await page.screenshot({ path: join(screenshots, 'sign-in.png') })
  await field.fill(token)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Plugins' }).waitFor()
}

async function pluginsOf({ ask }: TourOptions): Promise<Row[]> {
  const { plugins } = (await (await ask('/plugins')).json()) as { plugins: Row[] }
  return plugins
}

async function statusOf(options: TourOptions, id: string): Promise<string | undefined> {
  return (await pluginsOf(options)).find((plugin) => plugin.id === id)?.status
}

async function checkPluginTable(options: TourOptions): Promise<void> {
  const { page, screenshots } = options
  const plugins = await pluginsOf(options)
  const rows = page.locator('tr[data-plugin]')
  await rows.first().waitFor()
  const shown = await rows.all()
  assert.deepEqual(
    await Promise.all(shown.map((row) => row.getAttribute('data-plugin'))),
    plugins.map(({ id }) => id),
  )
  for (const [index, plugin] of plugins.entries()) {
    const text = (await shown[index]?.innerText()) ?? ''
    for (const word of [plugin.name, plugin.id, plugin.version, plugin.status, plugin.health])
      assert.ok(text.includes(word), `the row of ${plugin.id} does not say "${word}"`)
    assert.equal(text.includes('not contained'), !plugin.contained, `the row of ${plugin.id} on containment`)
  }
  await page.screenshot({ path: join(screenshots, 'plugins.png') })
}

/** One that offers operations, if there is one. */
async function activePlugin(options: TourOptions): Promise<string> {
  const active = (await pluginsOf(options)).filter(({ status }) => status === 'active').map(({ id }) => id)
  const details = await Promise.all(active.map((id) => detailOf(options, id)))
  const chosen = details.find(({ operations }) => operations.length > 0) ?? details[0]
  assert.ok(chosen !== undefined, 'the tour needs an active plugin')
  return chosen.id
}

async function detailOf({ ask }: TourOptions, id: string): Promise<Detail> {
  return (await (await ask(`/plugins/${id}`)).json()) as Detail
}

async function switchOneOffAndOn(options: TourOptions): Promise<string> {
  const { page, screenshots } = options
  const id = await activePlugin(options)
  const row = page.locator(`tr[data-plugin="${id}"]`)

  await page.getByRole('button', { name: `Disable ${id}`, exact: true }).click()
  const dialog = page.getByRole('dialog', { name: `Disable ${id}?` })
  await dialog.getByLabel('Reason').fill('the tour of the console')
  await page.screenshot({ path: join(screenshots, 'reason.png') })
  await dialog.getByRole('button', { name: 'Disable plugin' }).click()
  await page.getByRole('button', { name: `Enable ${id}`, exact: true }).waitFor()
  await row.getByText('disabled', { exact: true }).waitFor()
  assert.equal(await statusOf(options, id), 'disabled')

  await page.getByRole('button', { name: `Enable ${id}`, exact: true }).click()
  await page.getByRole('button', { name: `Disable ${id}`, exact: true }).waitFor()
  await row.getByText('active', { exact: true }).waitFor()
  assert.equal(await statusOf(options, id), 'active')
  return id
}

async function checkDetail(options: TourOptions, id: string): Promise<void> {
  const { page, screenshots } = options
  const detail = await detailOf(options, id)
  await page.locator(`tr[data-plugin="${id}"]`).getByRole('link').click()
  await page.getByRole('heading', { name: detail.name, level: 1 }).waitFor()
  const signature = page.locator('.facts > div').filter({ has: page.getByText('Signature', { exact: true }) })
  await signature.getByText(detail.verification.refusals.length === 0 ? 'verified' : 'refused').waitFor()
  await signature.getByText(detail.verification.signer.slice(0, 16)).waitFor()
  const permissions = page.getByRole('region', { name: 'Permissions' })
  await permissions.waitFor()
  for (const { capability, granted } of detail.permissions) {
    const row = permissions.getByRole('row').filter({ has: page.getByText(capability, { exact: true }) })
    await row.getByText(granted ? 'granted' : 'not granted', { exact: true }).waitFor()
  }
  for (const { name } of detail.operations) await callOnce(page, name)
  await page.getByRole('heading', { name: detail.name, level: 1 }).scrollIntoViewIfNeeded()
  await page.screenshot({ path: join(screenshots, 'plugin.png'), fullPage: true })
}

/** Whether an empty input is right, the host decides; that there is an answer, result or problem, is what counts here. */
async function callOnce(page: Page, operation: string): Promise<void> {
  const operations = page.getByRole('region', { name: 'Operations' })
  await operations.getByRole('button', { name: new RegExp(`^${operation}\\b`), expanded: false }).click()
  await operations.getByRole('button', { name: `Call ${operation}`, exact: true }).click()
  const answer = operations.getByRole('region', { name: `Answer of ${operation}`, exact: true })
  await answer.or(operations.getByRole('alert')).first().waitFor()
}

async function checkAudit({ page, screenshots, ask }: TourOptions, plugin: string): Promise<void> {
  await page.getByRole('link', { name: 'Audit' }).click()
  await page.getByRole('heading', { name: 'Audit' }).waitFor()
  const rows = page.locator('table.audit tbody tr[data-open]')
  await rows.first().waitFor()
  await rows.first().getByRole('button').click()
  await page.getByRole('region', { name: 'Whole entry' }).waitFor()
  await page.screenshot({ path: join(screenshots, 'audit.png') })

  const { items } = (await (await ask('/admin/audit?limit=50&offset=0')).json()) as { items: Entry[] }
  const entry = items.find(({ target }) => target.includes(plugin)) ?? items[0]
  assert.ok(entry !== undefined, 'the tour left no trace in the audit')
  await page.getByLabel('Action').fill(entry.action)
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.waitForURL(/action=/)
  await page.locator('.stale-while-loading[data-stale="false"]').waitFor()
  const actions = await rows.locator('td[data-label="Action"]').allInnerTexts()
  assert.ok(actions.length > 0 && actions.every((action) => action === entry.action), `filtered to ${actions.join()}`)
  await page.getByRole('button', { name: 'Clear' }).click()
}

async function checkMap({ page, screenshots, ask }: TourOptions): Promise<void> {
  await page.getByRole('link', { name: 'Map' }).click()
  await page.getByRole('heading', { name: 'Map', exact: true }).waitFor()
  const scanned = page.waitForResponse((answer) => answer.request().method() === 'POST')
  await page.getByRole('button', { name: 'Scan again' }).click()
  assert.equal((await scanned).status(), 200)
  const scan = (await (await ask('/map/api/scan')).json()) as { nodes: { path: string }[]; links: unknown[] }
  const graph = page.locator(`[data-nodes-drawn="${scan.nodes.length}"]`)
  await graph.waitFor()
  const links = await numberOf(graph, 'data-links-drawn')
  assert.ok(links <= scan.links.length, `drew ${links} of ${scan.links.length} links`)
  await page.screenshot({ path: join(screenshots, 'map.png') })

  const path = scan.nodes[0]?.path ?? ''
  await page.getByRole('listbox', { name: 'Nodes' }).getByText(path, { exact: true }).click()
  await page.getByRole('region', { name: `Node ${path}`, exact: true }).waitFor()
  await page.screenshot({ path: join(screenshots, 'map-node.png') })
}

async function checkEmptiedMap({ page, ask }: TourOptions): Promise<void> {
  const root = temporaryFolder()
  writeFileSync(join(root, 'only.md'), 'Only')
  const headers = { 'content-type': 'application/json' }
  assert.equal((await ask('/map/api/scan', { method: 'POST', headers, body: JSON.stringify({ root }) })).status, 200)
  rmSync(join(root, 'only.md'))
  await page.getByRole('button', { name: 'Scan again' }).click()
  await page.getByRole('alert').getByText('SCAN_EMPTY').waitFor()
  await page.getByRole('button', { name: 'Keep the empty map' }).click()
  await page.getByRole('heading', { name: 'There is nothing on the map' }).waitFor()
}

const numberOf = async (element: Locator, attribute: string): Promise<number> =>
  Number(await element.getAttribute(attribute))

async function signOutAndInByAddress({ page, url, token }: TourOptions): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await page.goto(`${url}/ui/audit#token=${encodeURIComponent(token)}`)
  await page.getByRole('heading', { name: 'Audit' }).waitFor()
  assert.equal(page.url().includes('token'), false, 'the token stayed in the address')
}
