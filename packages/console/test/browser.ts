import { type Browser, chromium } from 'playwright-core'

/** WebGL in software, which the map needs, and nothing that reaches out of the machine. */
const FLAGS = [
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--disable-background-networking',
  '--disable-component-update',
  '--no-first-run',
]

let running: Promise<Browser> | undefined

/** One browser for a whole run; every test takes a context of its own from it. */
export function sharedBrowser(): Promise<Browser> {
  running ??= launchBrowser()
  return running
}

export async function closeSharedBrowser(): Promise<void> {
  const browser = await running
  running = undefined
  await browser?.close()
}

const launchBrowser = (flags: readonly string[] = FLAGS): Promise<Browser> =>
  chromium.launch({ executablePath: process.env['TENON_CHROMIUM'] ?? '/usr/bin/chromium', args: [...flags] })
