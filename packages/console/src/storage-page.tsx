import type { ReactNode } from 'react'
import { Page } from './page.tsx'
import { RestoreForm } from './restore-form.tsx'
import { StorageStep } from './storage-step.tsx'
import { type DamagedRow, useBackup, useDropFormerKeys, useRotateKey, useStorageCheck } from './storage.ts'
import { TableHead } from './table-head.tsx'

export function StoragePage(): ReactNode {
  return (
    <Page title="Storage" about="All that plugins keep: keys and values, settings, and sealed secrets.">
      <Check />
      <Backup />
      <section aria-labelledby="restore">
        <h2 id="restore">Restore</h2>
        <p className="dimmed">
          Every row of a backup is checked, and that its secrets open, before all rows are replaced at once. What is
          refused changes nothing.
        </p>
        <RestoreForm />
      </section>
      <MasterKey />
      <FormerKeys />
    </Page>
  )
}

function Check(): ReactNode {
  const check = useStorageCheck()
  return (
    <StorageStep
      title="Check"
      about="Reads every row and names those that are not as they were written."
      verb="Check every row"
      step={check}
      outcome={check.isSuccess && soundnessOf(check.data)}
    >
      {check.data !== undefined && check.data.length > 0 && <DamagedTable rows={check.data} />}
    </StorageStep>
  )
}

function soundnessOf({ length }: DamagedRow[]): string {
  if (length === 0) return 'Every row is as it was written.'
  return length === 1 ? '1 row is damaged.' : `${length} rows are damaged.`
}

function DamagedTable({ rows }: { rows: DamagedRow[] }): ReactNode {
  return (
    <table className="table">
      <TableHead columns={['Damaged', 'Plugin', 'Space']} />
      <tbody>
        {rows.map(({ plugin, space, key }) => (
          <tr key={`${plugin} ${space} ${key}`}>
            <th scope="row">
              <code>{key}</code>
            </th>
            <td>{plugin}</td>
            <td>{space}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Backup(): ReactNode {
  const backup = useBackup()
  return (
    <StorageStep
      title="Backup"
      about="One file, of one moment, while everything is used. Secrets in it stay sealed under the master key, which it does not hold."
      verb="Download a backup"
      step={backup}
      outcome={backup.isSuccess && `${backup.data.toLocaleString()} bytes are saved.`}
    />
  )
}

function MasterKey(): ReactNode {
  const rotate = useRotateKey()
  const key = rotate.data?.made === true ? 'a new master key' : 'the master key that lay ready'
  return (
    <StorageStep
      title="Master key"
      about="Seals every secret under a newer key, which is made unless one lies ready. Those of before are kept, for backups and for other workspaces."
      verb="Replace the master key"
      question={{
        title: 'Replace the master key?',
        about: 'Keep a copy of the new one elsewhere: without it, no secret can be read.',
      }}
      step={rotate}
      outcome={rotate.isSuccess && `Every secret is sealed under ${key}.`}
    />
  )
}

function FormerKeys(): ReactNode {
  const drop = useDropFormerKeys()
  return (
    <StorageStep
      title="Former master keys"
      about="Backups from before, and workspaces that have not replaced their key yet, cannot be read without them."
      verb="Forget former keys"
      question={{
        title: 'Forget the former master keys?',
        about: 'Secrets that are still sealed under one of them, in a backup or in another workspace, are lost.',
        isFinal: true,
      }}
      step={drop}
      outcome={drop.isSuccess && `Forgotten: ${drop.data.dropped}.`}
    />
  )
}
