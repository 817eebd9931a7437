import { join } from 'node:path'
import { openBus, busMigrations, type Bus } from '@tenon/bus'
import type { World } from '@tenon/contract'
import { openGroupWriter } from '@tenon/database'
import { ledgerMigrations, openAuditLedger, type AuditLedger } from '@tenon/ledger'

export type EventsStore = { bus: Bus; ledger: AuditLedger; close(): Promise<void> }

/** Event log and audit ledger over one file, whose commits one worker thread makes for both. */
export async function openEventsStore(folder: string, world: World): Promise<EventsStore> {
  await using opened = new AsyncDisposableStack()
  const migrations = [...ledgerMigrations, ...busMigrations]
  const writer = await openGroupWriter(join(folder, 'events.db'), { migrations, world })
  opened.defer(() => writer.close())
  const ledger = opened.adopt(openAuditLedger({ writer, world }), (one) => one.close())
  const bus = opened.adopt(openBus({ writer, world }), (one) => one.close())
  const closing = opened.move()
  return { bus, ledger, close: () => closing.disposeAsync() }
}
