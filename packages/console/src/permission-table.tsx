import type { ReactNode } from 'react'
import { Pill } from './pill.tsx'
import type { Permission } from './plugins.ts'

/** What the plugin asks for, what of it is granted, and what it has used. */
export function PermissionTable({ permissions }: { permissions: Permission[] }): ReactNode {
  if (permissions.length === 0) return <p className="dimmed">It asks for none.</p>
  const granted = permissions.filter((permission) => permission.granted).length
  const used = permissions.filter((permission) => permission.used > 0).length
  return (
    <>
      <p className="dimmed">
        Asks for {permissions.length}, is granted {granted}, has used {used}.
      </p>
      <table className="table stacking permissions">
        <thead>
          <tr>
            <th scope="col">Asks for</th>
            <th scope="col">Because</th>
            <th scope="col">Granted</th>
            <th scope="col">Used</th>
          </tr>
        </thead>
        <tbody>
          {permissions.map((permission) => (
            <PermissionRow key={permission.capability} permission={permission} />
          ))}
        </tbody>
      </table>
    </>
  )
}

function PermissionRow({ permission: { capability, reason, granted, used } }: { permission: Permission }): ReactNode {
  return (
    <tr>
      <th scope="row">
        <code>{capability}</code>
      </th>
      <td data-label="Because">{reason}</td>
      <td data-label="Granted">
        {granted ? (
          <Pill tone="good" icon="check">
            granted
          </Pill>
        ) : (
          <Pill tone="quiet" icon="dash">
            not granted
          </Pill>
        )}
      </td>
      <td data-label="Used" className="number">
        {used === 0 ? <span className="dimmed">never</span> : `${used.toLocaleString()}×`}
      </td>
    </tr>
  )
}
