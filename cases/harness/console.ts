import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { Locator, Page } from 'playwright-core'
import { sharedBrowser } from '../../packages/console/test/browser.ts'
import { watchFaults } from '../../packages/console/test/faults.ts'
import { repository } from './tenon.ts'

const screenshots = join(repository, 'coverage/screenshots')

/** The console in a browser of its own, signed in, at a path below `/ui`. The test fails with what the pages do wrong. */
export async function openConsole({ url, token, path }: { url: string; token: string; path: string }): Promise<Page> {
  const context = await (await sharedBrowser()).newContext({ viewport: { width: 1360, height: 900 } })
  const page = await context.newPage()
  const faults = watchFaults(page, url)
  onTestFinished(async () => {
    await context.close()
    expect(faults).toEqual([])
  })
  await page.goto(`${url}/ui${path}#token=${encodeURIComponent(token)}`)
  return page
}

export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true })
}

/** Gives a dialog what it asks for, and agrees. */
export async function agree(
  page: Page,
  title: string,
  { reason, verb }: { reason?: string; verb: string },
): Promise<void> {
  const dialog = page.getByRole('dialog', { name: title })
  if (reason !== undefined) await dialog.getByLabel('Reason').fill(reason)
  const final = dialog.getByRole('checkbox')
  if ((await final.count()) > 0) await final.check()
  await dialog.getByRole('button', { name: verb, exact: true }).click()
}

export const rowOf = (page: Page, ...texts: string[]): Locator =>
  texts.reduce((rows, hasText) => rows.filter({ hasText }), page.getByRole('row'))
