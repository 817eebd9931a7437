import type { Json } from '@tenon/contract'
import type { ReactNode } from 'react'
import type { SettingsChange, SettingStep } from './settings.ts'
import { TableHead } from './table-head.tsx'
import { Time } from './time.tsx'

/** Who changed what, when and why, the newest first. */
export function SettingsHistory({ changes }: { changes: SettingsChange[] }): ReactNode {
  if (changes.length === 0) return <p className="dimmed">Nothing was ever changed.</p>
  return (
    <table className="table stacking history">
      <TableHead columns={['Version', 'When', 'Who', 'Where', 'What', 'Why']} />
      <tbody>
        {changes.toReversed().map((change) => (
          <tr key={change.version}>
            <th scope="row">{change.version}</th>
            <td data-label="When" className="number">
              <Time at={change.at} />
            </td>
            <td data-label="Who">{change.who}</td>
            <td data-label="Where">{change.environment ?? 'everywhere'}</td>
            <td data-label="What">
              <ul>
                {Object.entries(change.changed).map(([id, step]) => (
                  <li key={id}>
                    <code>{id}</code> {stepText(step)}
                  </li>
                ))}
              </ul>
            </td>
            <td data-label="Why">{change.why}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** Of a secret nothing is told but that it changed. */
const stepText = ({ from, to }: SettingStep): string =>
  from === undefined && to === undefined ? 'changed' : `${valueText(from)} → ${valueText(to)}`

const valueText = (value: Json | undefined): string => (value === undefined ? 'not set' : JSON.stringify(value))
