import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Candidate, Ground, OpenScene, Scene } from '@tenon/authoring'
import { TenonError, type AuditRecord } from '@tenon/contract'
import { openEventsStore } from '../events-store.ts'
import { datasetScene } from './dataset-scene.ts'
import { hostScene, recordsIn } from './host-scene.ts'
import { importFunction } from './import-function.ts'
import { candidatePlugin, inMemoryInstallations, type InstalledCandidate } from './in-memory-installations.ts'
import { mapScene } from './map-scene.ts'
import { remoteScene } from './remote-scene.ts'
import { openTrialHost, TRIER } from './trial-host.ts'

/** Opens the plugin anew for each scenario: new stores, a new process, everything granted that its spec asks for. */
export async function openScenes(candidate: Candidate, ground: Ground): Promise<OpenScene> {
  const plugin = await candidatePlugin(candidate)
  return async () => {
    await using opened = new AsyncDisposableStack()
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'tenon-scene-')))
    opened.defer(() => rm(folder, { recursive: true, force: true }))
    const parts = await partsOf(candidate, plugin, { ...ground, folder }, opened)
    const lasting = opened.move()
    return { ...parts, [Symbol.asyncDispose]: () => lasting.disposeAsync() }
  }
}

type Ports = Ground & { folder: string }

async function partsOf(
  candidate: Candidate,
  plugin: InstalledCandidate,
  ports: Ports,
  opened: AsyncDisposableStack,
): Promise<Omit<Scene, keyof AsyncDisposable>> {
  const { runtime } = candidate.spec
  const { kind } = runtime
  if (kind === 'remote') return remoteScene(candidate, plugin, ports, opened)
  if (kind === 'node') return nodeScene(candidate, plugin, ports, opened)
  const { ledger: audit } = opened.adopt(await openEventsStore(ports.folder, ports.world), (store) => store.close())
  const recorded = (): AuditRecord[] => recordsIn(audit)
  if (runtime.kind === 'python')
    return {
      recorded,
      dataset: await datasetScene(candidate, plugin, { ...ports, audit }),
      load: () => importFunction(candidate, runtime.entryPoint, ports),
    }
  if (kind === 'map') return { ...(await mapScene(plugin, { ...ports, audit }, opened)), recorded }
  throw new TenonError('ISOLATION_UNAVAILABLE', `plugins of kind ${kind} are not run by this version`)
}

async function nodeScene(
  candidate: Candidate,
  plugin: InstalledCandidate,
  ports: Ports,
  opened: AsyncDisposableStack,
): Promise<Pick<Scene, 'host' | 'set' | 'recorded' | 'load'>> {
  const installations = inMemoryInstallations()
  installations.put(plugin)
  const { id, permissions = [] } = candidate.spec
  for (const { capability } of permissions) installations.grant(id, capability)
  const trial = opened.use(await openTrialHost({ ...ports, installations }))
  await trial.host.syncInstalled(TRIER)
  await trial.host.enable(id, TRIER)
  const load = async (): Promise<void> => void (await trial.host.running.process(id))
  return { ...hostScene(candidate, trial, installations), load }
}
