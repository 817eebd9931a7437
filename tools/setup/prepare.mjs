// Runs on Node 20 without any dependency: brings a clone to the state in which it can start or be tested.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pinnedNode, root } from './pinned-node.mjs'
import { bringSystemPackages } from './system-packages.mjs'

const STAMP = join(root, 'node_modules/.tenon-setup.json')
const CONSOLE = join(root, 'packages/console')

/** `tests` also brings what only the tests and the linters need. Returns the Node to run on. */
export function prepare({ tests }) {
  installPackages(tests)
  const node = pinnedNode()
  if (node === undefined)
    stop(
      'Tenon needs Node 24.15 or later, and the package registry has none for this system: install one and run this again.',
    )
  bringSystemPackages({ tests })
  buildConsole(node)
  return node
}

function stop(sentence) {
  console.error(sentence)
  process.exit(2)
}

function installPackages(tests) {
  const lock = digest([readFileSync(join(root, 'package-lock.json'))])
  const stamp = readStamp()
  if (stamp.lock === lock && (stamp.tests || !tests)) return
  const omit = tests ? [] : ['--omit=dev']
  console.error(`installing the packages of package-lock.json${tests ? '' : ' (without test tools)'} …`)
  run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...omit])
  writeFileSync(STAMP, JSON.stringify({ lock, tests }))
}

function readStamp() {
  return existsSync(STAMP) ? JSON.parse(readFileSync(STAMP, 'utf8')) : {}
}

function buildConsole(node) {
  if (!existsSync(join(CONSOLE, 'vite.config.ts'))) return
  const sources = filesBelow(CONSOLE).map((path) => {
    const { size, mtimeMs } = statSync(path)
    return `${path} ${size} ${mtimeMs}`
  })
  const wanted = digest(sources)
  const built = join(CONSOLE, 'dist/.sources')
  if (existsSync(built) && readFileSync(built, 'utf8') === wanted) return
  console.error('building the console …')
  run(node, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], CONSOLE)
  writeFileSync(built, wanted)
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !['dist', 'node_modules', 'test'].includes(entry.name))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort()
}

function digest(parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest('hex')
}

function run(command, args, cwd = root) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 2, 2] })
  if (error !== undefined || status !== 0)
    stop(`"${command} ${args.join(' ')}" failed: ${error?.message ?? `exit ${status}`}`)
}
