import type { Page } from 'playwright-core'

/** What a page throws, does against its policy, or asks of anyone but its host, as it goes on. */
export function watchFaults(page: Page, url: string): string[] {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) faults.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(`${url}/`) && !request.url().startsWith('blob:')) faults.push(request.url())
  })
  return faults
}
