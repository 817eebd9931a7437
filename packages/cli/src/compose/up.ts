import { takeOwnership, type Ownership } from '@tenon/database'
import type { World } from '@tenon/contract'
import type { ServeFlags } from '../commands/serve-flags.ts'
import type { Cli } from '../command.ts'
import { printLine } from '../printer.ts'
import type { Result } from '../result.ts'
import { tellAdminToken, tellReady } from './admin-token.ts'
import { openHostProcess, type HostProcess } from './host-process.ts'
import { askerOf } from './host-session.ts'
import { locationsOf, type Locations } from './locations.ts'
import { openRegistryProcess, type RegistryProcess } from './registry-process.ts'
import { showPlugins, type Step } from './sample-tour.ts'
import { closeBoth, listenAt, untilStopped } from './serve.ts'
import { newServer, serveConsole } from './server.ts'

type UpFlags = ServeFlags & { once: boolean; json: boolean }

type Platform = {
  url: string
  host: HostProcess
  registry: RegistryProcess
  enrolmentSecret: string
  close(): Promise<void>
}

/** `tenon up`: registry, host and console in one process, and the sample plugins at work. */
export async function bringUp(cli: Cli, flags: UpFlags): Promise<Result> {
  const { world } = cli
  const locations = locationsOf(world, { ...flags, dataDir: flags.dataDir ?? defaultDataDir(world) })
  const ownership = takeOwnership(locations.owned, { world })
  try {
    const platform = await openPlatform(cli, flags, locations, ownership)
    try {
      return await withPlatform(cli, flags, locations, platform)
    } finally {
      await platform.close()
    }
  } finally {
    ownership.release()
  }
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
  const adminToken = await tellAdminToken(io, host, place)
  tellReady(io, { url, ...(adminToken === undefined ? {} : { adminToken }) }, flags.json)
  const steps: Step[] = []
  const tell = (step: Step): void => {
    steps.push(step)
    if (!flags.json) printLine(io, `${(step.ms / 1000).toFixed(1).padStart(6)} s  ${step.what}`)
  }
  const ask = askerOf(url, host.administrator.lendToken())
  const stopTour = await showPlugins({ world, locations, ask, ...platform, tell })
  if (!flags.json) printLine(io, `console at ${url}/ui/, registry at ${url}/registry, API at ${url}/openapi.json`)
  if (!flags.once) await untilStopped(io.signal)
  await stopTour()
  return { data: { url, steps }, text: flags.once ? `${steps.length} steps done` : 'stopped' }
}

const defaultDataDir = ({ env, cwd }: World): string => env['TENON_HOME'] ?? `${env['HOME'] ?? cwd}/.local/share/tenon`

async function openPlatform(
  { io, world }: Cli,
  flags: UpFlags,
  locations: Locations,
  ownership: Ownership,
): Promise<Platform> {
  const enrolmentSecret = Buffer.from(world.random(24)).toString('base64url')
  let url = ''
  const host = await openHostProcess({
    world,
    locations,
    enrolmentSecret,
    registryUrl: () => `${url}/registry`,
    log: (plugin, level, message) =>
      flags.json ? undefined : printLine(io, `${plugin} ${level}: ${message.trimEnd()}`),
  })
  const registry = openRegistryProcess(locations.registry, host.events.ledger, world)
  const server = newServer(world, 'tenon')
  server.mount('', host.face)
  server.mount('/registry', registry.face)
  serveConsole(server)
  const listening = await server.listen(listenAt(world, flags))
  url = listening.url
  ownership.setUrl(url)
  const close = async (): Promise<void> => {
    await closeBoth(server, registry)
    await host.close()
  }
  return { url, host, registry, enrolmentSecret, close }
}
