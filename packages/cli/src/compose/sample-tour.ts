import { join } from 'node:path'
import { nodeDisk } from '@tenon/bundle'
import { TenonError, type World } from '@tenon/contract'
import { readWorkspace } from '@tenon/installer'
import type { HostProcess } from './host-process.ts'
import type { Ask } from './asker.ts'
import { isProject, type Locations } from './locations.ts'
import { packFolder } from './pack-folder.ts'
import { publishPacked, type Published } from './publish-packed.ts'
import { startRemotePlugin } from './remote-plugin.ts'

/** Something that was done, for people, with how long it took. */
export type Step = { what: string; ms: number; result: string }

export type TourPorts = {
  world: World
  locations: Locations
  /** The folder with the sample plugins and their data. */
  repository: string
  url: string
  host: HostProcess
  enrolmentSecret: string
  ask: Ask
  tell(step: Step): void
  /** Takes what is started, so that it ends with the tour's caller, however the tour goes. */
  started: AsyncDisposableStack
  signal: AbortSignal
}

const REMOTE = 'user-management'

/** The sample plugins, and what each is granted here. The operator of this machine, who typed `up`, grants it. */
const SAMPLES = [
  {
    id: 'id-mint',
    publisher: 'tenon',
    grants: ['service:provide:judge', 'storage:kv', 'event:publish:plugin.id-mint.minted'],
  },
  { id: 'user-management', publisher: 'tenon', grants: [] },
  { id: 'csv-profile', publisher: 'openlab', grants: [] },
  { id: 'keyword-map', publisher: 'openlab', grants: [] },
] as const

const ASKING = SAMPLES.filter(({ grants }) => grants.length > 0)

/**
 * Takes the sample plugins through their life, as an author, a workspace owner and an operator would. What an earlier
 * start has done is not done again.
 */
export async function showPlugins(ports: TourPorts): Promise<void> {
  const isInstalled = SAMPLES.every(({ id }) => ports.host.installations.get(id) !== undefined)
  if (!isInstalled) await publishAndInstall(ports)
  const isGranted = isInstalled && (await hasGrants(ports.locations))
  if (!isGranted) await grantSamples(ports)
  await step(
    ports,
    'started user-management',
    () => joinRemote(ports),
    () => 'a process of its own, not contained',
  )
  for (const { id } of SAMPLES)
    await step(ports, `enabled ${id}`, () => ports.ask('POST', `/admin/plugins/${id}/enable`))
  if (!isGranted) await work(ports)
}

/** Does one thing and tells it, with what it came to in a few words. */
async function step<T>(
  { world, tell }: TourPorts,
  what: string,
  act: () => Promise<T>,
  result?: (done: T) => string,
): Promise<T> {
  const began = world.monotonic()
  const done = await act()
  tell({ what, ms: Math.round(world.monotonic() - began), result: result?.(done) ?? '' })
  return done
}

async function publishAndInstall(ports: TourPorts): Promise<void> {
  for (const { id, publisher } of SAMPLES)
    await step(
      ports,
      `published ${publisher}/${id}`,
      () => publishSample(ports, id, publisher),
      ({ version, digest }) => `${version}, ${digest.slice(0, 19)}…`,
    )
  const add = Object.fromEntries(SAMPLES.map(({ id, publisher }) => [`${publisher}/${id}`, '*']))
  await step(
    ports,
    'resolved and installed them',
    () => ports.ask('POST', '/workspace/apply', { add }),
    (done) => {
      const { generation, changes } = done as { generation: number; changes: { id: string; to: string }[] }
      return `generation ${generation}: ${changes.map(({ id, to }) => `${id} ${to}`).join(', ')}`
    },
  )
}

/** Whether `tenon.json` says anything of what they are granted; what was taken back since is not granted again. */
async function hasGrants({ workspace }: Locations): Promise<boolean> {
  const { document } = await readWorkspace(nodeDisk, workspace)
  return ASKING.every(({ id }) => document.grants?.[id] !== undefined)
}

async function grantSamples(ports: TourPorts): Promise<void> {
  const grants = Object.fromEntries(ASKING.map(({ id, grants: its }) => [id, its]))
  const granted = ASKING.map(({ id, grants: its }) => `${id}: ${its.join(', ')}`).join('; ')
  await step(
    ports,
    'granted what they ask for',
    () => ports.ask('PUT', '/workspace/grants', { grants }),
    () => granted,
  )
}

async function publishSample(
  { world, locations, repository, url, ask }: TourPorts,
  id: string,
  publisher: string,
): Promise<Published> {
  const flags = { dataDir: locations.owned }
  const packed = await packFolder(world, flags, join(repository, 'plugins', id), [])
  const { token } = (await ask('POST', `/registry/publishers/${publisher}/tokens`)) as { token: string }
  return publishPacked({ registry: `${url}/registry`, token }, packed)
}

/** Starts the remote plugin's server and lets it in, as an operator would. */
async function joinRemote(ports: TourPorts): Promise<void> {
  const { world, locations, url, host, enrolmentSecret, ask, started, signal } = ports
  if (host.host.table.get(REMOTE) !== undefined) await ask('DELETE', `/admin/plugins/${REMOTE}`)
  let starting: ReturnType<typeof startRemotePlugin> | undefined
  started.use(await host.host.admissions.admit(REMOTE, async () => (await starting)?.stop()))
  starting = startRemotePlugin({
    script: join(host.installations.installed(REMOTE).folder, 'src/server.ts'),
    env: {
      PATH: world.env['PATH'] ?? '',
      TENON_URL: url,
      TENON_ENROLMENT_SECRET: enrolmentSecret,
      HOST: '127.0.0.1',
      PORT: '0',
      USER_MANAGEMENT_DB: join(locations.owned, 'user-management.db'),
    },
    isRegistered: () => host.host.table.get(REMOTE) !== undefined,
    world,
    signal,
  })
  const remote = await starting
  started.defer(remote.stop)
  await ask('PUT', `/admin/plugins/${REMOTE}/address`, { address: `http://127.0.0.1:${remote.port}` })
  await ask('PUT', `/admin/plugins/${REMOTE}/grants`, {
    capabilities: ['event:publish:UserCreated', 'operator:call:id-mint/mint'],
  })
}

type ToldRun = { status: string; outputs: object[]; failure: { message: string } | null }

/** Each plugin does something real. */
async function work(ports: TourPorts): Promise<void> {
  const { ask, world, locations, repository } = ports
  const root = repository.replace(/\/$/, '')
  // No plugin is shown a project's `.tenon`, so that in a project the outputs lie beside it.
  const out = join(isProject(locations) ? locations.workspace : locations.owned, 'out', world.newId())
  const dataset = join(root, 'examples/measurements')
  const user = { username: 'ada', email: 'ada@example.org', department: 'Engines' }
  await step(
    ports,
    'minted an id',
    () => ask('POST', '/gateway/id-mint/mint', { kind: 'checked', prefix: 'DEMO' }),
    (minted) => (minted as { ids: string[] }).ids.join(', '),
  )
  await step(
    ports,
    'created a user',
    () => ask('POST', '/gateway/user-management/create_user', user),
    (created) => {
      const { id, username } = created as { id: string; username: string }
      return `${username}, ${id}`
    },
  )
  await step(
    ports,
    'profiled the CSV files under examples/',
    () => ask('POST', '/runs', { plugin: 'csv-profile', dataset, out }),
    (done) => {
      const { record, target } = done as { record: ToldRun; target: string }
      if (record.status !== 'succeeded')
        throw new TenonError('RUN_PLUGIN_FAILED', `the run ${record.status}: ${record.failure?.message ?? 'no reason'}`)
      return `run ${record.status}, ${record.outputs.length} files in ${target}`
    },
  )
  await step(
    ports,
    "mapped this repository's Markdown",
    () => ask('POST', '/map/api/scan', { root }),
    (scanned) => {
      const { stats } = scanned as { stats: { nodesCount: number; linksCount: number; issuesCount: number } }
      return `${stats.nodesCount} nodes, ${stats.linksCount} links, ${stats.issuesCount} issues`
    },
  )
}
