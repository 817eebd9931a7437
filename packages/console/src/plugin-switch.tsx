import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { PluginRow } from './plugins.ts'
import { useSwitch } from './plugins.ts'
import { ReasonDialog } from './reason-dialog.tsx'

type SwitchProps = { plugin: PluginRow; onProblem: (problem: Error | undefined) => void }

/** One button, so that the focus stays when its meaning turns. */
export function PluginSwitch({ plugin: { id, status }, onProblem }: SwitchProps): ReactNode {
  const [asking, setAsking] = useState(false)
  const change = useSwitch()
  const verb = status === 'active' ? 'Disable' : 'Enable'
  const press = (): void => {
    if (change.isPending) return
    onProblem(undefined)
    if (status === 'active') setAsking(true)
    else change.mutate({ id, to: 'enable' }, { onError: onProblem })
  }
  return (
    <>
      <Button
        variant="default"
        size="xs"
        aria-label={`${verb} ${id}`}
        aria-busy={change.isPending}
        className="switch"
        onClick={press}
      >
        {verb}
      </Button>
      {asking && (
        <ReasonDialog
          title={`Disable ${id}?`}
          about="Its calls are refused until it is enabled again."
          verb="Disable plugin"
          onClose={() => setAsking(false)}
          onReason={(reason) => change.mutate({ id, to: 'disable', reason }, { onError: onProblem })}
        />
      )}
    </>
  )
}
