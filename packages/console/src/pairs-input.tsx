import { Button, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { FieldGroup, type FieldGroupProps } from './field-group.tsx'
import type { Pair } from './setting-draft.ts'

type PairsInputProps = FieldGroupProps & {
  /** What the two sides of a pair are called. */
  names: readonly [string, string]
  pairs: Pair[]
  onPairs: (pairs: Pair[]) => void
}

export function PairsInput({ names: [keyName, valueName], pairs, onPairs, ...group }: PairsInputProps): ReactNode {
  const change = (at: number, part: Partial<Pair>): void =>
    onPairs(pairs.map((pair, index) => (index === at ? { ...pair, ...part } : pair)))
  return (
    <FieldGroup {...group}>
      {pairs.map((pair, index) => (
        // Pairs have no identity but their place.
        <div key={index} className="pair">
          <TextInput
            aria-label={`${keyName} ${index + 1}`}
            placeholder={keyName}
            spellCheck={false}
            value={pair.key}
            onChange={(event) => change(index, { key: event.currentTarget.value })}
          />
          <TextInput
            aria-label={`${valueName} ${index + 1}`}
            placeholder={valueName}
            spellCheck={false}
            value={pair.value}
            onChange={(event) => change(index, { value: event.currentTarget.value })}
          />
          <Button
            variant="default"
            aria-label={`Remove ${index + 1}`}
            onClick={() => onPairs(pairs.filter((_, at) => at !== index))}
          >
            Remove
          </Button>
        </div>
      ))}
      <Button variant="default" size="xs" onClick={() => onPairs([...pairs, { key: '', value: '' }])}>
        Add
      </Button>
    </FieldGroup>
  )
}
