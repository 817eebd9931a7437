import type { ReactNode } from 'react'
import type { IconName } from './icon.tsx'
import { Icon } from './icon.tsx'
import { Pill, type Tone } from './pill.tsx'
import type { Health, PluginRow, PluginStatus } from './plugins.ts'

type Look = { tone: Tone; icon: IconName }

const STATUS: Record<PluginStatus, Look> = {
  active: { tone: 'good', icon: 'check' },
  registered: { tone: 'quiet', icon: 'dash' },
  disabled: { tone: 'warn', icon: 'pause' },
  quarantined: { tone: 'bad', icon: 'cross' },
}

const HEALTH: Record<Health, Look> = {
  healthy: { tone: 'good', icon: 'check' },
  degraded: { tone: 'warn', icon: 'warning' },
  unhealthy: { tone: 'bad', icon: 'cross' },
  unknown: { tone: 'quiet', icon: 'question' },
}

export const StatusPill = ({ status }: { status: PluginStatus }): ReactNode => <Pill {...STATUS[status]}>{status}</Pill>

export const HealthPill = ({ health }: { health: Health }): ReactNode => <Pill {...HEALTH[health]}>{health}</Pill>

/** Whether Tenon's sandbox holds the plugin. What someone else runs, nothing here can hold. */
export function Containment({ plugin: { contained, level } }: { plugin: PluginRow }): ReactNode {
  return (
    <span className="containment" data-contained={contained}>
      <Icon name={contained ? 'closed' : 'open'} />
      {contained ? `contained${level === undefined ? '' : `, level ${level}`}` : 'not contained'}
    </span>
  )
}
