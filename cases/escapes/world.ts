/**
 * One disposable machine for one attack: `world.ts ATTACK MODE COMPILED`, as the first process of namespaces of its own. It plants
 * canaries, lets the attack run `bare`, in the sandbox on level `A`, `B` or `C`, or there as an ordinary user (`B-ordinary`,
 * `C-ordinary`), and prints the harm that was done. What is bounded by polling may be passed for a moment: an attack on it does harm if it holds on.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { extname, join } from 'node:path'

/** `compiled` is a folder for what Node compiled, which all worlds share so that not every one of them compiles the command. */
const [attack = '', mode = '', compiled = ''] = process.argv.slice(2)
const TENON = new URL('../../packages/cli/bin/tenon.mjs', import.meta.url).pathname
const SECRET = `canary-${crypto.randomUUID()}`
const PORT = 4_711
const USER = 65_533

/** A folder in memory, which goes with its namespace. */
function disposableFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tn-world-'))
  run('mount', '-t', 'tmpfs', '-o', 'size=600m,mode=0755', 'none', folder)
  for (const name of ['canary', 'tmp', 'home']) {
    mkdirSync(join(folder, name))
    chmodSync(join(folder, name), 0o777)
  }
  return folder
}

function run(program: string, ...argv: string[]): void {
  const { status, stderr } = spawnSync(program, argv, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')}: ${stderr}`)
}

/** Brings the loopback of a new network namespace up. */
const LOOPBACK_UP = `import fcntl, socket, struct
fcntl.ioctl(socket.socket(), 0x8914, struct.pack('16sH14s', b'lo', 0x49, b''))`

let reached = 0
const connected = (): void => void (reached += 1)

async function listen(): Promise<void> {
  for (const at of [{ port: PORT, host: '127.0.0.1' }, { path: '\0canary' }])
    await once(createServer(connected).listen(at), 'listening')
  const names = createSocket('udp4').on('message', connected)
  names.bind(53, '127.0.0.1')
  await once(names, 'listening')
}

const INTERPRETERS: Record<string, string[]> = {
  '.py': ['python3'],
  '.sh': ['sh'],
  '.mjs': [process.execPath, '--no-warnings'],
}

const [level = '', who] = mode.split('-')
const isOrdinary = who === 'ordinary'
const folder = disposableFolder()
const file = join(folder, 'canary/secret')
writeFileSync(file, SECRET, { mode: 0o600 })
if (isOrdinary) chownSync(file, USER, USER)
run('python3', '-c', LOOPBACK_UP)
await listen()
const victim = spawn('cat', {
  env: { PATH: process.env['PATH'], CANARY: SECRET },
  stdio: ['pipe', 'pipe', 'ignore'],
  ...(isOrdinary ? { uid: USER, gid: USER } : {}),
})
const victimAnswers = new Promise<boolean>((resolve) => {
  victim.stdout.once('data', () => resolve(true))
  victim.stdin.once('error', () => resolve(false))
  victim.once('close', () => resolve(false))
})
await once(victim, 'spawn')
const name = hostname()

const words = [...(INTERPRETERS[extname(attack)] ?? []), attack, file, String(victim.pid), String(PORT)]
const exec = [process.execPath, TENON, 'sandbox', 'exec', '--isolation', level, '--wall-ms', '10000', '--', ...words]
const user = ['setpriv', '--reuid', String(USER), '--regid', String(USER), '--clear-groups']
const [program = '', ...argv] = mode === 'bare' ? words : [...(isOrdinary ? user : []), ...exec]
const before = { processes: processes(), file: factsOfFile(), victim: factsOfVictim() }
const child = spawn(program, argv, {
  cwd: folder,
  detached: true,
  env: {
    PATH: process.env['PATH'],
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    CANARY: SECRET,
    ...(mode === 'bare' ? {} : { NODE_COMPILE_CACHE: compiled }),
  },
  stdio: ['ignore', 'pipe', 'pipe', ...Array.from({ length: 6 }, () => 'ignore' as const), openSync(file, 'r')],
})
const printed = { out: '', err: '' }
child.stdout?.on('data', (chunk) => (printed.out += String(chunk)))
child.stderr?.on('data', (chunk) => (printed.err += String(chunk)))
const closed = once(child, 'close')
const [status, signal] = (await once(child, 'exit')) as [number | null, string | null]
// Whoever lives on may hold what it inherited open.
await Promise.race([closed, once(AbortSignal.timeout(1_000), 'abort')])

/** What runs here but this and the canary. Nobody reaps what ended as an orphan. */
function processes(): string[] {
  return readdirSync('/proc').filter(
    (pid) => /^\d+$/.test(pid) && !['1', String(victim.pid)].includes(pid) && /^State:\t[^Z]/m.test(statusOf(pid)),
  )
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}

/** What is in the file, and when and by whom it was made so. */
function factsOfFile(): string {
  try {
    const { mode: permissions, mtimeMs, uid, gid } = statSync(file)
    return [readFileSync(file, 'utf8'), permissions, mtimeMs, uid, gid].join()
  } catch {
    return ''
  }
}

/** How the victim is bounded: its limits, its share of the processors, and which of them. */
function factsOfVictim(): string {
  const limits = readFileSync(`/proc/${victim.pid}/limits`, 'utf8')
  const nice = readFileSync(`/proc/${victim.pid}/stat`, 'utf8').split(' ')[18]
  return [limits, nice, /^Cpus_allowed:.*$/m.exec(statusOf(String(victim.pid)))?.[0]].join()
}

// Word of an end may come late, but what is about to end answers nothing any more.
victim.stdin.write('alive?')
const isKilled = !(await victimAnswers)

const harm = Object.entries({
  read: (printed.out + printed.err).includes(SECRET),
  changed: factsOfFile() !== before.file || readdirSync(join(folder, 'canary')).length > 1,
  killed: isKilled,
  hampered: !isKilled && factsOfVictim() !== before.victim,
  reached: reached > 0,
  renamed: hostname() !== name,
  left: readFileSync('/proc/sysvipc/shm', 'utf8').split('\n').length > 2,
  survived: processes().some((pid) => !before.processes.includes(pid)),
  done: /^HARM/m.test(printed.out),
}).flatMap(([kind, isDone]) => (isDone ? [kind] : []))

process.stdout.write(`${JSON.stringify({ harm, status, signal, err: printed.err.slice(-2_000) })}\n`)
process.exit(0)
