import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sample } from './trials.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export const TENON = join(root, 'packages/cli/bin/tenon.mjs')

/**
 * Says at its end how many kilobytes of memory the process held at most, on a descriptor of its own. What Linux counts for
 * the process as a whole begins with what its parent held when it forked; what it says of its memory does not.
 */
const TELLS_MEMORY = `data:text/javascript,${encodeURIComponent(`
import { existsSync, readFileSync, writeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
const STATUS = '/proc/self/status'
const held = () => existsSync(STATUS) ? /VmHWM:\\s*(\\d+)/.exec(readFileSync(STATUS, 'utf8'))[1] : process.resourceUsage().maxRSS
if (isMainThread) process.on('exit', () => writeSync(3, String(held())))
`)}`

/** What any sandbox by bubblewrap costs: name spaces, the machine's own root to read, and Node. */
export async function bareBubblewrap(): Promise<Sample> {
  const began = performance.now()
  const child = spawn(
    'bwrap',
    [
      '--unshare-all',
      '--die-with-parent',
      '--ro-bind',
      '/',
      '/',
      '--proc',
      '/proc',
      '--dev',
      '/dev',
      process.execPath,
      '-e',
      '0',
    ],
    { stdio: 'ignore' },
  )
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`bwrap ended with ${code}`)
  return { ms: performance.now() - began }
}

/** Runs Node to its end; another exit status than 0 is an error. */
export async function runNode(args: readonly string[], { memory = false, cwd = root } = {}): Promise<Sample> {
  const began = performance.now()
  const child = spawn(process.execPath, [...(memory ? ['--import', TELLS_MEMORY] : []), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  })
  let [printed, told] = ['', '']
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (printed += String(text)))
  child.stdio[3]?.on('data', (text) => (told += String(text)))
  const closed = once(child, 'close')
  const [code] = (await once(child, 'exit')) as [number | null]
  const ms = performance.now() - began
  await closed
  if (code !== 0) throw new Error(`node ${args.join(' ')} ended with ${code}: ${printed}`)
  return memory ? { ms, memoryBytes: Number(told) * 1_024 } : { ms }
}
