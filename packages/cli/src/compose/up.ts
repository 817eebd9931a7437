import { takeOwnership, type Ownership } from '@tenon/database'
import type { World } from '@tenon/contract'
import type { ServeFlags } from '../commands/serve-flags.ts'
import type { Cli } from '../command.ts'
import { printLine } from '../printer.ts'
import type { Result } from '../result.ts'
import { repository } from '../surroundings.ts'
import { tellReady, tellToken } from './admin-token.ts'
import { openHostProcess, type HostProcess } from './host-process.ts'
import { askerOf } from './asker.ts'
import { locationsOf, type Locations } from './locations.ts'
import { openRegistryProcess } from './registry-process.ts'
import { showPlugins, type Step } from './sample-tour.ts'
import { listenAt, untilStopped } from './serve.ts'
import { newServer, serveConsole } from './server.ts'

type UpFlags = ServeFlags & { once: boolean; json: boolean }

type Platform = { url: string; host: HostProcess; enrolmentSecret: string; close(): Promise<void> }

/** `tenon up`: registry, host and console in one process, and the sample plugins at work. */
export async function bringUp(cli: Cli, flags: UpFlags): Promise<Result> {
  await using opened = new AsyncDisposableStack()
  const { world } = cli
  const locations = locationsOf(world, { ...flags, dataDir: flags.dataDir ?? defaultDataDir(world) })
  const ownership = opened.adopt(takeOwnership(locations.owned, { world }), (one) => one.release())
  const platform = opened.adopt(await openPlatform(cli, flags, locations, ownership), (one) => one.close())
  return await withPlatform(cli, flags, locations, platform)
}

async function withPlatform(
  { io, world }: Cli,
  flags: UpFlags,
  locations: Locations,
  platform: Platform,
): Promise<Result> {
  const { url } = platform
  const { host } = platform.host
  const place = { file: flags.adminTokenFile, owned: locations.owned, json: flags.json }
  const adminToken = await tellToken(io, host.administrator.makeToken(), place)
  tellReady(io, { url, ...(adminToken === undefined ? {} : { adminToken }) }, flags.json)
  const steps: Step[] = []
  const tell = (step: Step): void => {
    steps.push(step)
    if (!flags.json)
      printLine(
        io,
        `${(step.ms / 1000).toFixed(1).padStart(6)} s  ${step.what}${step.result === '' ? '' : `: ${step.result}`}`,
      )
  }
  const ask = askerOf(url, host.administrator.lendToken())
  const stopTour =
    repository === undefined ? undefined : await showPlugins({ world, locations, repository, ask, ...platform, tell })
  if (!flags.json) printLine(io, `console at ${url}/ui/, registry at ${url}/registry, API at ${url}/openapi.json`)
  if (!flags.once) await untilStopped(io.signal)
  await stopTour?.()
  return { data: { url, steps }, text: flags.once ? `${steps.length} steps done` : 'stopped' }
}

const defaultDataDir = ({ env, cwd }: World): string => env['TENON_HOME'] ?? `${env['HOME'] ?? cwd}/.local/share/tenon`

async function openPlatform(
  { io, world }: Cli,
  flags: UpFlags,
  locations: Locations,
  ownership: Ownership,
): Promise<Platform> {
  await using opened = new AsyncDisposableStack()
  const enrolmentSecret = Buffer.from(world.random(24)).toString('base64url')
  let url = ''
  const log = (plugin: string, level: string, message: string): void =>
    flags.json ? undefined : printLine(io, `${plugin} ${level}: ${message.trimEnd()}`)
  const options = { world, locations, enrolmentSecret, registryUrl: () => `${url}/registry`, log }
  const host = opened.adopt(await openHostProcess(options), (one) => one.close())
  const isOperator = async (token: string): Promise<boolean> => host.host.administrator.byToken(token) !== undefined
  const parts = { folder: locations.registry, audit: host.events.ledger, world, isOperator }
  const registry = opened.adopt(openRegistryProcess(parts), (one) => one.close())
  const server = opened.adopt(newServer(world, 'tenon'), (one) => one.close())
  server.mount('', host.face)
  server.mount('/registry', registry.face)
  serveConsole(server)
  url = (await server.listen(listenAt(world, flags))).url
  ownership.setUrl(url)
  const closing = opened.move()
  return { url, host, enrolmentSecret, close: () => closing.disposeAsync() }
}
