import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'

export type Tone = 'good' | 'warn' | 'bad' | 'quiet'

/** A state in words, with a shape and a colour that repeat it. */
export function Pill({ tone, icon, children }: { tone: Tone; icon: IconName; children: ReactNode }): ReactNode {
  return (
    <span className="pill" data-tone={tone}>
      <Icon name={icon} />
      {children}
    </span>
  )
}
