import { asTenonError, inTurnEach, messageOf, TenonError, type Audit } from '@tenon/contract'
import type { Handlers, Level } from '@tenon/sandbox'
import type { KeyValue, Storage } from '@tenon/storage'
import type { Admissions, Admitted } from './admission.ts'
import { recordingFailure, recordingRefusal, type By } from './audited.ts'
import type { Authority } from './authority.ts'
import { objectOf } from './channel-params.ts'
import { keyValueMethods } from './key-value-works.ts'
import { publishAsHost, type HostEventPorts } from './host-events.ts'
import { knownPlugin } from './known-plugin.ts'
import type { PluginTable } from './plugin-table.ts'
import type { InstalledPlugin, Installations } from './records.ts'
import { endedBy, type Launch } from './start.ts'
import { storedKeys, storedSettings, type Move, type StoredVersion } from './stored-version.ts'

export type Migrated = { storage: Move; settings: Move }

/** `ending` breaks it off, and then nothing is changed. */
export type BringOptions = { dryRun: boolean; ending: AbortSignal }

/** Brings what plugins stored to the versions that they declare, once at a time for each. */
export type Migrations = {
  /**
   * Does nothing where nothing is to be done. Throws MIGRATION_FAILED, having changed nothing, and STORAGE_NEWER for what a
   * later version stored. With `dryRun` nothing is changed either way.
   */
  bring(admitted: Admitted, by: By, options: BringOptions): Promise<Migrated>
}

export type MigrationDoor = {
  table: PluginTable
  audit: Audit
  installations: Installations
  migrations: Migrations
  admit: Admissions['admit']
}

/** What an operator asks for, before the plugin starts or after it was quarantined. */
export async function migratePlugin(
  { table, audit, installations, migrations, admit }: MigrationDoor,
  id: string,
  options: BringOptions,
  by: By,
): Promise<Migrated> {
  const attempt = { ...by, action: 'plugin.migrate', target: id }
  await recordingRefusal(
    audit,
    () => attempt,
    async () => installations.get(knownPlugin(table, id).id) ?? storesNothing(id),
  )
  // What takes the steps has nothing but a copy of the keys, and is over soon.
  using admission = await admit(id, async () => undefined)
  return await migrations.bring(admission, by, options)
}

function storesNothing(id: string): never {
  throw new TenonError('PLUGIN_UNKNOWN', `"${id}" is not installed here, and stores nothing that can be migrated`)
}

export type MigrationPorts = HostEventPorts & {
  audit: Audit
  authority: Authority
  storage: Storage
  launch: Launch
  log: (plugin: string, level: string, message: string) => void
}

export function migrationsOf(ports: MigrationPorts): Migrations {
  const turns = inTurnEach()
  return {
    bring: (admitted, by, options) => turns(admitted.plugin.description.id, () => bring(ports, admitted, by, options)),
  }
}

async function bring(
  ports: MigrationPorts,
  admitted: Admitted,
  by: By,
  { dryRun, ending }: BringOptions,
): Promise<Migrated> {
  const { plugin } = admitted
  const keys = await storedKeys(ports.storage, plugin)
  const settings = await storedSettings(ports.storage, plugin)
  const due = [keys, settings].filter(isDue)
  const action = dryRun ? 'plugin.migrate.try' : 'plugin.migrate'
  const attempt = { ...by, action, target: plugin.description.id }
  if (isDue(keys)) await insistOnKeys(ports, plugin, attempt)
  const taking = (): Promise<Level | undefined> => stepped(ports, admitted, keys.kv, { due, ending })
  const level = await recordingFailure(ports.audit, () => attempt, taking)
  const moves: Migrated = { storage: await keys.move(), settings: await settings.move() }
  if (due.length > 0) {
    const details = { ...moves, level }
    await ports.audit.record({ ...attempt, decision: 'allow', reason: 'every step was taken', details })
  }
  // Of keys that are new, too, it is noted in which version they will be.
  const isNoted = keys.isNew && keys.to > 1
  if (!dryRun) for (const one of isNoted ? [keys, ...due] : due) await committed(ports, plugin, one, by)
  return moves
}

/** What depends on settings is told as when somebody changes them. */
async function committed(ports: MigrationPorts, plugin: InstalledPlugin, stored: StoredVersion, by: By): Promise<void> {
  for (const change of await stored.commit(by.actor)) {
    if (change.settings.length === 0) continue
    const payload = { plugin: plugin.description.id, ...change, who: by.actor }
    await publishAsHost(ports, 'host.config.changed', payload, by.traceId)
  }
}

const isDue = ({ from, to }: StoredVersion): boolean => from < to

/** A plugin that is no longer granted its keys does not get at them by a migration. */
const insistOnKeys = (
  { audit, authority }: MigrationPorts,
  { description }: InstalledPlugin,
  attempt: By & { action: string; target: string },
): Promise<void> =>
  recordingRefusal(
    audit,
    () => attempt,
    async () => authority.insist(description, { action: 'storage:kv' }),
  )

/** The steps are taken in a process of their own, which has nothing but the keys as they would be. */
async function stepped(
  { launch, log }: MigrationPorts,
  admitted: Admitted,
  kv: KeyValue,
  { due, ending }: { due: readonly StoredVersion[]; ending: AbortSignal },
): Promise<Level | undefined> {
  if (due.length === 0) return undefined
  const { id } = admitted.plugin.description
  const news = {
    onDegraded: (message: string) => log(id, 'warn', message),
    onThrottled: (message: string) => log(id, 'warn', message),
  }
  const process = await launch(admitted, handlersFor(kv), news, [])
  try {
    await endedBy(ending, process, async () => {
      for (const stored of due) await stored.step(process)
    })
    return process.level
  } catch (cause) {
    throw new TenonError('MIGRATION_FAILED', `what "${id}" stored stays as it was: ${messageOf(cause)}`, {
      hint: `"tenon plugin migrate ${id} --dry-run" tries it without changing anything.`,
      problems: asTenonError(cause).problems,
      cause,
    })
  } finally {
    await process.stop()
  }
}

const handlersFor = (kv: KeyValue): Handlers =>
  keyValueMethods(
    ({ run }) =>
      async (params) =>
        run(kv, objectOf(params)),
  )
