import { join } from 'node:path'
import { openBus, busMigrations, type Bus } from '@tenon/bus'
import type { World } from '@tenon/contract'
import { openGroupWriter } from '@tenon/database'
import { ledgerMigrations, openAuditLedger, type AuditLedger } from '@tenon/ledger'

export type EventsStore = { bus: Bus; ledger: AuditLedger; close(): Promise<void> }

/** Event log and audit ledger over one file, whose commits one worker thread makes for both. */
export async function openEventsStore(folder: string, world: World): Promise<EventsStore> {
  const writer = await openGroupWriter(join(folder, 'events.db'), {
    migrations: [...ledgerMigrations, ...busMigrations],
    world,
  })
  const ledger = openAuditLedger({ writer, world })
  const bus = openBus({ writer, world })
  return {
    bus,
    ledger,
    close: async () => {
      await bus.close()
      ledger.close()
      await writer.close()
    },
  }
}
