import type { ReactNode } from 'react'
import { FieldGroup, type FieldGroupProps } from './field-group.tsx'

type ChoicesInputProps = FieldGroupProps & {
  options: { value: string; label: string }[]
  chosen: string[]
  onChosen: (chosen: string[]) => void
}

/** Any number of some choices, in the order in which they are declared. */
export function ChoicesInput({ options, chosen, onChosen, ...group }: ChoicesInputProps): ReactNode {
  const turn = (value: string, isOn: boolean): void =>
    onChosen(options.map((option) => option.value).filter((one) => (one === value ? isOn : chosen.includes(one))))
  return (
    <FieldGroup {...group}>
      {options.map(({ value, label }) => (
        <label key={value} className="choice">
          <input
            type="checkbox"
            checked={chosen.includes(value)}
            onChange={(event) => turn(value, event.currentTarget.checked)}
          />
          {label}
        </label>
      ))}
    </FieldGroup>
  )
}
