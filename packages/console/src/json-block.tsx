import type { ReactNode } from 'react'

/** Focusable, so that a keyboard can scroll it. */
export function JsonBlock({ label, value }: { label: string; value: unknown }): ReactNode {
  return (
    <pre className="json" tabIndex={0} role="region" aria-label={label}>
      {JSON.stringify(value, undefined, 2) ?? 'nothing'}
    </pre>
  )
}
