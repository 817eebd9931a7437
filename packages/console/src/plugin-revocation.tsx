import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { PluginDetail } from './plugins.ts'
import { ReasonDialog } from './reason-dialog.tsx'
import { useRevokePlugin } from './trust.ts'

type RevocationProps = { plugin: PluginDetail; onProblem: (problem: Error | undefined) => void }

/** Of what somebody else runs, there is no bundle that could be revoked. */
export function PluginRevocation({ plugin, onProblem }: RevocationProps): ReactNode {
  const { id, version, verification } = plugin
  const [asking, setAsking] = useState(false)
  const revoke = useRevokePlugin()
  if (verification === undefined) return null
  const press = (): void => {
    if (revoke.isPending) return
    onProblem(undefined)
    setAsking(true)
  }
  return (
    <>
      <Button variant="default" size="xs" aria-label={`Revoke ${id}`} aria-busy={revoke.isPending} onClick={press}>
        Revoke
      </Button>
      {asking && (
        <ReasonDialog
          title={`Revoke ${id} ${version}?`}
          about="It ends where it runs, and this bundle does not start any more on this machine. Whoever tries is told why."
          verb="Revoke version"
          isFinal
          onReason={(why) => revoke.mutate({ id, version, why }, { onError: onProblem })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  )
}
