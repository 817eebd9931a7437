import { NativeSelect, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'

const UNITS = { hours: 3_600_000, days: 86_400_000, minutes: 60_000, seconds: 1_000 }
type Unit = keyof typeof UNITS

export const LIFETIME_MS = 24 * UNITS.hours

type LifetimeInputProps = { error: string | undefined; onMs: (ms: number) => void }

/** For how long something is to hold: first LIFETIME_MS, then what is told; NaN for what is no number. */
export function LifetimeInput({ error, onMs }: LifetimeInputProps): ReactNode {
  const [count, setCount] = useState('24')
  const [unit, setUnit] = useState<Unit>('hours')
  const tell = (text: string, of: Unit): void => {
    setCount(text)
    setUnit(of)
    onMs(Number(text) * UNITS[of])
  }
  return (
    <div className="side-by-side">
      <TextInput
        label="For how long"
        inputMode="numeric"
        value={count}
        error={error}
        onChange={(event) => tell(event.currentTarget.value, unit)}
      />
      <NativeSelect
        label="Unit"
        value={unit}
        data={Object.keys(UNITS)}
        onChange={(event) => tell(count, event.currentTarget.value as Unit)}
      />
    </div>
  )
}
