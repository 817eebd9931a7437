import type { ReactNode } from 'react'

const PATHS = {
  check: 'M3.5 8.5 6.5 11.5 12.5 5',
  cross: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  warning: 'M8 2.5 14.2 13.3H1.8ZM8 6.6v3M8 11.4v.1',
  dash: 'M4 8h8',
  question: 'M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M8 12v.1',
  pause: 'M6 4.5v7M10 4.5v7',
  open: 'M4 8V5.5a3 3 0 0 1 5.8-1M3 8h10v5.5H3Z',
  closed: 'M5 8V5.5a3 3 0 0 1 6 0V8M3 8h10v5.5H3Z',
  arrow: 'M6 3.5 10.5 8 6 12.5',
} as const

export type IconName = keyof typeof PATHS

/** Decoration: the words beside it say the same. */
export function Icon({ name }: { name: IconName }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}
