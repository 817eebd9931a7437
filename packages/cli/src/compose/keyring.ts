import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { isOwnVariable, limits, TenonError, type World } from '@tenon/contract'

/** What the keyring of the user who runs Tenon keeps for one home: a text that no other user can read. */
export type Keyring = {
  /** What people call it. */
  name: string
  lookup(): Promise<string | undefined>
  store(secret: string): Promise<void>
}

/** Through the keyring's own program, to which the secret goes by standard input, and from which it comes by standard output. */
export const keyringOf = (home: string, world: World): Keyring =>
  KEYRINGS[process.platform]?.(home, world) ?? noKeyring()

const KEYRINGS: Partial<Record<NodeJS.Platform, (home: string, world: World) => Keyring>> = {
  linux: secretService,
  darwin: keychain,
}

function noKeyring(): never {
  throw new TenonError('KEY_INVALID', `there is no keyring that Tenon knows on ${process.platform}`, {
    hint: 'Keep the master key in a file, or set TENON_MASTER_KEY.',
  })
}

/** The Secret Service of a Linux desktop, by the program of libsecret. */
function secretService(home: string, world: World): Keyring {
  const run = programOf(world, 'secret-tool', 'libsecret-tools')
  const attributes = ['application', 'tenon', 'home', home]
  return {
    name: 'the keyring',
    async lookup() {
      const { status, output, errors } = await run(['lookup', ...attributes])
      if (status === 1 && errors === '') return undefined
      return doneBy('secret-tool', { status, output, errors })
    },
    async store(secret) {
      doneBy('secret-tool', await run(['store', `--label=Tenon master key of ${home}`, ...attributes], secret))
    },
  }
}

/** The macOS keychain. Nobody has tried this on macOS yet; `doctor` says so. */
function keychain(home: string, world: World): Keyring {
  const run = programOf(world, 'security', 'macOS itself')
  const account = createHash('sha256').update(home).digest('hex')
  return {
    name: 'the keychain (unverified)',
    async lookup() {
      const ended = await run(['find-generic-password', '-s', 'tenon', '-a', account, '-w'])
      return ended.status === 44 ? undefined : doneBy('security', ended)
    },
    async store(secret) {
      doneBy('security', await run(['-i'], `add-generic-password -U -s tenon -a ${account} -w ${secret}\n`))
    },
  }
}

type Ended = { status: number | null; output: string; errors: string }

const programOf =
  ({ env }: World, program: string, source: string) =>
  async (argv: readonly string[], input = ''): Promise<Ended> => {
    const own = Object.fromEntries(Object.entries(env).filter(([name]) => !isOwnVariable(name)))
    const child = spawn(program, argv, { env: own, stdio: 'pipe', timeout: limits.keyringMs, killSignal: 'SIGKILL' })
    child.stdin.on('error', () => {}).end(input)
    try {
      const [[status], output, errors] = await Promise.all([
        once(child, 'close'),
        text(child.stdout),
        text(child.stderr),
      ])
      return { status: status as number | null, output: output.trim(), errors: errors.trim() }
    } catch (cause) {
      throw new TenonError('KEY_INVALID', `the keyring's program ${program} cannot be run`, {
        hint: `Install it (it comes with ${source}), keep the master key in a file, or set TENON_MASTER_KEY.`,
        cause,
      })
    }
  }

function doneBy(program: string, { status, output, errors }: Ended): string {
  if (status === 0) return output
  const why = status === null ? `did not answer in ${limits.keyringMs} ms` : `ended with ${status}: ${errors}`
  throw new TenonError('KEY_INVALID', `the keyring's program ${program} ${why}`, {
    hint: 'Unlock the keyring, keep the master key in a file, or set TENON_MASTER_KEY.',
  })
}
