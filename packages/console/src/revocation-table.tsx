import type { Revocation } from '@tenon/contract'
import type { ReactNode } from 'react'
import { TableHead } from './table-head.tsx'
import { Time } from './time.tsx'
import type { KnownRevocations } from './trust.ts'

/** What was revoked here, and what registries were heard to have revoked. */
export function RevocationTable({ known: { here, heard } }: { known: KnownRevocations }): ReactNode {
  const rows = [
    ...here.map((revocation) => ({ revocation, by: 'this machine' })),
    ...heard.flatMap(({ registry, revocations }) => revocations.map((revocation) => ({ revocation, by: registry }))),
  ]
  return (
    <>
      {rows.length === 0 ? (
        <div className="empty">
          <h3>Nothing is revoked</h3>
          <p>What you or a registry revoke is listed here for ever.</p>
        </div>
      ) : (
        <table className="table stacking digests">
          <TableHead columns={['Revoked', 'Of', 'By', 'When', 'Why']} />
          <tbody>
            {rows.map(({ revocation, by }) => (
              <RevocationRow key={`${by} ${revocation.kind} ${revocation.digest}`} revocation={revocation} by={by} />
            ))}
          </tbody>
        </table>
      )}
      {heard.map(({ registry, askedAt }) => (
        <p key={registry} className="after-facts">
          {registry} was asked <Time at={askedAt} />.
        </p>
      ))}
    </>
  )
}

function RevocationRow({ revocation, by }: { revocation: Revocation; by: string }): ReactNode {
  const { kind, digest, publisher, at, why } = revocation
  return (
    <tr>
      <th scope="row">
        {kind}
        <div className="under">
          <code>{digest}</code>
        </div>
      </th>
      <td data-label="Of">{publisher ?? <span className="dimmed">anybody</span>}</td>
      <td data-label="By">{by}</td>
      <td data-label="When" className="number">
        <Time at={at} />
      </td>
      <td data-label="Why">{why}</td>
    </tr>
  )
}
