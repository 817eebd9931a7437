import { Button } from '@mantine/core'
import type { UseMutationResult } from '@tanstack/react-query'
import { type ReactNode, useId, useState } from 'react'
import { Dialog, type DialogProps } from './dialog.tsx'
import { ProblemNotice } from './problem-notice.tsx'

type StepProps = {
  title: string
  about: string
  verb: string
  step: UseMutationResult<unknown, Error, void>
  /** What came of it, in words. */
  outcome: ReactNode
  /** Asked before it is done. */
  question?: Pick<DialogProps, 'title' | 'about' | 'isFinal'>
  children?: ReactNode
}

/** One thing that an administrator does with the storage, and what came of it. */
export function StorageStep({ title, about, verb, step, outcome, question, children }: StepProps): ReactNode {
  const [asking, setAsking] = useState(false)
  const id = useId()
  const press = (): void => {
    if (step.isPending) return
    if (question === undefined) step.mutate()
    else setAsking(true)
  }
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p className="dimmed">{about}</p>
      {step.isError && <ProblemNotice problem={step.error} />}
      <div className="form-actions">
        <Button variant="default" aria-busy={step.isPending} onClick={press}>
          {verb}
        </Button>
        <span className="dimmed" role="status">
          {step.isPending ? 'At work …' : outcome}
        </span>
      </div>
      {children}
      {asking && question !== undefined && (
        <Dialog {...question} verb={verb} onSubmit={() => step.mutate()} onClose={() => setAsking(false)} />
      )}
    </section>
  )
}
