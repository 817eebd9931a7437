import { takeOwnership, type Ownership } from '@tenon/database'
import type { HostFlags } from '../commands/serve-flags.ts'
import type { Cli } from '../command.ts'
import { pluginLog, printLine } from '../printer.ts'
import type { Result } from '../result.ts'
import { repository } from '../surroundings.ts'
import { tellReady } from './admin-token.ts'
import { environmentOf } from './environment.ts'
import { openHostProcess, type HostProcess } from './host-process.ts'
import { askerOf } from './asker.ts'
import { levelNamed } from './level-named.ts'
import { homeOf, locationsOf, type Locations } from './locations.ts'
import { openRegistryProcess } from './registry-process.ts'
import { showPlugins, type Step } from './sample-tour.ts'
import { listenAt, untilStopped } from './serve.ts'
import { newServer, serveConsole } from './server.ts'

type UpFlags = HostFlags & { once: boolean; json: boolean }

type Platform = { url: string; host: HostProcess; enrolmentSecret: string; close(): Promise<void> }

/** `tenon up`: registry, host and console in one process, and the sample plugins at work. */
export async function bringUp(cli: Cli, flags: UpFlags): Promise<Result> {
  await using opened = new AsyncDisposableStack()
  const { world } = cli
  const locations = locationsOf(world, { ...flags, dataDir: flags.dataDir ?? homeOf(world) })
  const ownership = opened.adopt(takeOwnership(locations.owned, { world }), (one) => one.release())
  const platform = opened.adopt(await openPlatform(cli, flags, locations, ownership), (one) => one.close())
  return await withPlatform(cli, flags, locations, platform)
}

async function withPlatform(cli: Cli, flags: UpFlags, locations: Locations, platform: Platform): Promise<Result> {
  const { io, world } = cli
  const { url } = platform
  const { administrator } = platform.host.host
  const made = await administrator.makeToken(flags.resetAdminToken)
  await tellReady(cli, flags, { url, owned: locations.owned, token: made })
  const steps: Step[] = []
  const tell = (step: Step): void => {
    steps.push(step)
    if (!flags.json) printLine(io, lineOf(step))
  }
  const token = administrator.lendToken()
  const ask = askerOf({ url, token, signal: io.signal, unreachable: 'HOST_UNREACHABLE' })
  await using started = new AsyncDisposableStack()
  if (repository !== undefined)
    await showPlugins({ world, locations, repository, ask, ...platform, tell, started, signal: io.signal })
  if (!flags.json) printLine(io, `console at ${url}/ui/, registry at ${url}/registry, API at ${url}/openapi.json`)
  if (!flags.once) await untilStopped(io.signal)
  return { data: { url, steps }, text: flags.once ? `${steps.length} steps done` : 'stopped' }
}

const lineOf = ({ ms, what, result }: Step): string =>
  `${(ms / 1000).toFixed(1).padStart(6)} s  ${what}${result === '' ? '' : `: ${result}`}`

async function openPlatform(cli: Cli, flags: UpFlags, locations: Locations, ownership: Ownership): Promise<Platform> {
  const { io, world } = cli
  await using opened = new AsyncDisposableStack()
  const enrolmentSecret = Buffer.from(world.random(24)).toString('base64url')
  let url = ''
  const log = pluginLog(io, flags.json)
  const [isolation, environment] = [levelNamed(flags.isolation), environmentOf(world, flags)]
  const registryUrl = (): string => `${url}/registry`
  const options = {
    ...{ world, locations, enrolmentSecret, registryUrl, isolation, environment, log },
    signal: io.signal,
  }
  const host = opened.adopt(await openHostProcess(options), (one) => one.close())
  const isOperator = async (token: string): Promise<boolean> => host.host.administrator.byToken(token) !== undefined
  const parts = { folder: locations.registry, audit: host.events.ledger, world, isOperator }
  const registry = opened.adopt(openRegistryProcess(parts), (one) => one.close())
  const server = opened.adopt(newServer(cli, 'tenon'), (one) => one.close())
  server.mount('', host.face)
  server.mount('/registry', registry.face)
  serveConsole(server)
  url = (await server.listen(listenAt(world, flags))).url
  ownership.setUrl(url)
  const closing = opened.move()
  return { url, host, enrolmentSecret, close: () => closing.disposeAsync() }
}
