import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { temporaryFolder } from '@tenon/testkit'
import { closeSharedBrowser, sharedBrowser } from '../../packages/console/test/browser.ts'
import { tourConsole } from '../../packages/console/test/tour.ts'
import { asking, repository, serve, until } from '../harness/tenon.ts'

afterAll(closeSharedBrowser)

test('a browser goes through the console of the whole platform, and the host confirms every click', async () => {
  const home = temporaryFolder()
  const { url, adminToken } = await serve(home, ['up', '--data-dir', join(home, 'data')])
  const ask = asking(url, adminToken)
  await until('the map is scanned', async () => (await ask('GET', '/map/api/scan')).status === 200)
  const screenshots = join(repository, 'coverage/screenshots')
  mkdirSync(screenshots, { recursive: true })
  const context = await (await sharedBrowser()).newContext({ viewport: { width: 1360, height: 900 } })
  await tourConsole({
    url,
    token: adminToken,
    page: await context.newPage(),
    screenshots,
    ask: (path, init = {}) =>
      fetch(url + path, { ...init, headers: { ...init.headers, authorization: `Bearer ${adminToken}` } }),
  })
  await context.close()
  const audit = await ask('GET', '/admin/audit?action=plugin.disable')
  expect(audit.body.total).toBeGreaterThan(0)
})
