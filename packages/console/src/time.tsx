import type { ReactNode } from 'react'

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const day = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' })

/** An instant in the reader's own time; the exact one is its title. */
export function Time({ at }: { at: string | number }): ReactNode {
  const date = new Date(at)
  const today = day.format(date) === day.format(new Date())
  return (
    <time dateTime={date.toISOString()} title={date.toISOString()}>
      {today ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`}
    </time>
  )
}
