import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { buildServer } from '@tenon/http'
import { wallWorld } from '@tenon/testkit'
import { closeSharedBrowser } from './browser.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const vite = join(dirname(createRequire(import.meta.url).resolve('vite/package.json')), 'bin/vite.js')

export type ServedConsole = { url: string; folder: string; close(): Promise<void> }

/** The console, built anew, on a server that has nothing else. */
export async function servedConsole(): Promise<ServedConsole> {
  const folder = mkdtempSync(join(tmpdir(), 'tn-'))
  const { NODE_ENV: _, ...env } = process.env
  await promisify(execFile)(process.execPath, [vite, 'build', '--manifest', '--outDir', folder], { cwd: root, env })
  const server = buildServer({ world: wallWorld(), name: 'pages', version: '0.0.0', bodyLimitBytes: 1_000 })
  server.serveFolder('/ui/', folder)
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  return {
    url,
    folder,
    close: async () => {
      await closeSharedBrowser()
      await server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
