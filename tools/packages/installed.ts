import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { buildPackages } from '../build/published.ts'

const run = promisify(execFile)

type Ended = { code: number; stdout: string; stderr: string }

export type Installed = {
  folder: string
  /** The archives that were installed, in the order in which packages are built. */
  tarballs: string[]
  write: (path: string, text: string) => void
  /** Runs a program on the Node of this process, with nothing of this machine's environment. */
  node: (args: readonly string[], env?: Record<string, string>) => Promise<Ended>
  tenon: (args: readonly string[], env?: Record<string, string>) => Promise<Ended>
  /** Starts a serving command and gives the line in which it says where. */
  serve: (args: readonly string[]) => Promise<{ url: string; adminToken: string; child: ChildProcess }>
}

/** Builds, packs and installs what is published into an empty folder, with an empty cache and without a network. */
export async function installPackages(home: string): Promise<Installed> {
  const built = await buildPackages()
  const folder = join(home, 'installed')
  const npm = (cwd: string, ...args: string[]) =>
    run('npm', [...args, '--loglevel=error'], {
      cwd,
      env: { PATH: process.env['PATH'], HOME: home, npm_config_cache: join(home, 'cache') },
    })
  const packing = built.map(async (one) => {
    const { stdout } = await npm(one.folder, 'pack', '--json', '--ignore-scripts', '--pack-destination', home)
    const [packed] = JSON.parse(stdout) as { filename: string }[]
    return join(home, packed?.filename ?? '')
  })
  const tarballs = await Promise.all(packing)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  await npm(folder, 'install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', ...tarballs)
  return { folder, tarballs, ...programsIn(home, folder) }
}

function programsIn(home: string, folder: string): Omit<Installed, 'folder' | 'tarballs'> {
  const bin = join(folder, 'node_modules/.bin/tenon')
  const options = (env: Record<string, string>) => ({
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: home, ...env },
  })
  const node: Installed['node'] = async (args, env = {}) => {
    try {
      return { code: 0, ...(await run(process.execPath, args, options(env))) }
    } catch (thrown) {
      return thrown as Ended
    }
  }
  return {
    node,
    tenon: (args, env) => node([bin, ...args], env),
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    },
    async serve(args) {
      const child = spawn(process.execPath, [bin, ...args, '--json', '--port', '0'], {
        ...options({}),
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
      return { ...(JSON.parse(line) as { url: string; adminToken: string }), child }
    },
  }
}
