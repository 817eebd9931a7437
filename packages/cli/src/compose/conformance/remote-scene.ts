import { copyFile, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOn, shownOf, type Candidate, type Ground, type HttpScene, type Scene } from '@tenon/authoring'
import { limits, readJson, TenonError, type Json, type StartDocument } from '@tenon/contract'
import { readAs, startSchema, validatorOf } from '@tenon/contract/schema'
import { hostFace } from '@tenon/host'
import { buildServer } from '@tenon/http'
import { hasOwnRoot } from '@tenon/sandbox'
import { version } from '../../version.ts'
import { hostScene } from './host-scene.ts'
import { inMemoryInstallations, type InstalledCandidate } from './in-memory-installations.ts'
import { loopbackTo, recordedLink } from './recorded-link.ts'
import { openTrialHost, TRIER, type TrialHost } from './trial-host.ts'

type Ports = Ground & { folder: string }

const starts = validatorOf(startSchema)
const START = 'conformance/start.json'
const USUAL: StartDocument = { argv: ['src/server.ts'] }

/** A remote plugin's server in a sandbox, with a host before it that is reached like any other. */
export async function remoteScene(
  candidate: Candidate,
  plugin: InstalledCandidate,
  ports: Ports,
  opened: AsyncDisposableStack,
): Promise<Pick<Scene, 'host' | 'set' | 'recorded' | 'http'>> {
  const { world } = ports
  const installations = inMemoryInstallations()
  installations.put(plugin)
  const { id, permissions = [] } = candidate.spec
  for (const { capability } of permissions) installations.grant(id, capability)
  const trial = opened.use(await openTrialHost({ ...ports, installations }))
  const server = opened.adopt(
    buildServer({ world, name: 'trial', version, bodyLimitBytes: limits.requestBodyBytes, checkResponses: false }),
    (one) => one.close(),
  )
  server.mount('', hostFace(trial.host))
  const { url } = await server.listen({ host: '127.0.0.1', port: 0 })
  // The path of a socket may not be long.
  const link = await realpath(await mkdtemp(join(tmpdir(), 'tenon-link-')))
  opened.defer(() => rm(link, { recursive: true, force: true }))
  const requests = await recordedLink(join(link, 'host.sock'), url, opened)
  const start = startOf(candidate)
  const running = startServer(candidate, ports, { link, start }, opened)
  const address = await loopbackTo(join(link, 'plugin.sock'), opened)
  await Promise.race([joined(trial, plugin, { address, start, ports }), running])
  return { ...hostScene(candidate, trial, installations), http: { requests, send: sender(trial, id, address) } }
}

function startOf({ folder }: Candidate): StartDocument {
  const text = folder.text(START)
  if (text === undefined) return USUAL
  const { value, problems } = readAs(text, starts)
  if (value !== undefined && problems.length === 0) return value
  throw new TenonError('JSON_INVALID', `${START}: ${problems[0]?.message}`, { problems })
}

const PORT = '8080'

/** Settles only by rejecting, once the server has ended by itself. */
async function startServer(
  candidate: Candidate,
  ports: Ports,
  { link, start }: { link: string; start: StartDocument },
  opened: AsyncDisposableStack,
): Promise<never> {
  if (!hasOwnRoot(ports.level.level))
    throw new TenonError(
      'ISOLATION_UNAVAILABLE',
      `on level ${ports.level.level} a remote plugin has no network of its own`,
    )
  const kit = join(ports.folder, 'kit')
  await mkdir(kit)
  await copyFile(new URL('./relay.mjs', import.meta.url), join(kit, 'relay.mjs'))
  const stopping = new AbortController()
  const job = runOn(ports, {
    program: {
      argv: [
        'node',
        '/kit/relay.mjs',
        '/link',
        PORT,
        '--disable-warning=ExperimentalWarning',
        ...start.argv.map(inCode),
      ],
    },
    mounts: [
      ...shownOf(candidate, '/code'),
      { source: kit, target: '/kit', readOnly: true },
      { source: link, target: '/link', readOnly: false },
    ],
    limits: candidate.spec.resources ?? {},
    env: start.env ?? {},
    signal: AbortSignal.any([ports.signal, stopping.signal]),
  })
  opened.defer(async () => {
    stopping.abort()
    await job
  })
  const { exit, logTail } = await job
  throw new TenonError('PLUGIN_START_FAILED', `its server ended: ${exit.message}`, { hint: logTail.slice(-500) })
}

const inCode = (word: string): string => (word.startsWith('-') ? word : `/code/${word}`)

type Joining = { address: string; start: StartDocument; ports: Ports }

/** Waits until the server answers, and is registered, then lets it in as an operator would. */
async function joined(
  { host }: TrialHost,
  { description }: InstalledCandidate,
  { address, start, ports }: Joining,
): Promise<void> {
  const { id } = description
  const waiting = AbortSignal.any([ports.signal, AbortSignal.timeout(limits.pluginStartMs)])
  const isThere = async (): Promise<boolean> =>
    start.registers === true
      ? host.table.get(id) !== undefined
      : answers(`${address}${description.health?.check?.path ?? '/'}`)
  while (!(await isThere())) {
    if (waiting.aborted) throw new TenonError('PLUGIN_START_FAILED', 'its server was not there in time')
    await ports.world.timer(10)
  }
  if (start.registers !== true)
    host.table.put({
      ...{ id, description, origin: 'registered', status: 'registered', tokenId: undefined },
      ...{ registeredAt: new Date(ports.world.now()).toISOString(), address: undefined, statusReason: undefined },
    })
  await host.setAddress(id, address, TRIER)
  await host.enable(id, TRIER)
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  )

const sender =
  ({ host }: TrialHost, id: string, address: string): HttpScene['send'] =>
  async (who, { method, path, body }) => {
    const token = await host.tokens.forForwarding('admin:conformance', id, ['admin'])
    const response = await fetch(`${address}${path}`, {
      method,
      headers: {
        ...(who === 'host' ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: bodyOf(await response.text()) }
  }

function bodyOf(text: string): Json {
  const { value, problems } = readJson(text)
  return value === undefined || problems.length > 0 ? text : value
}
