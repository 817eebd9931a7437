import { type ReactNode, useEffect, useRef } from 'react'
import { isSaidAt, refusedFields } from './field-problems.ts'
import { Icon } from './icon.tsx'
import { ProblemNotice } from './problem-notice.tsx'

type RefusalProps = { problem: Error | null; fields: readonly string[] }

/** Above the fields of a form that was refused: what they do not say themselves. The first that is wrong gets the focus. */
export function RefusalNotice({ problem, fields }: RefusalProps): ReactNode {
  const ref = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (problem !== null)
      ref.current?.closest('form')?.querySelector<HTMLElement>('[aria-invalid="true"], [data-invalid]')?.focus()
  }, [problem])
  if (problem === null) return null
  if (!isSaidAt(fields, problem)) return <ProblemNotice problem={problem} />
  const count = Object.keys(refusedFields(problem)).length
  return (
    <div ref={ref} className="notice" data-tone="bad" role="alert">
      <Icon name="cross" />
      <div className="notice-text">
        <strong>Nothing was changed</strong>
        <p>{count === 1 ? 'What one field says was refused.' : `What ${count} fields say was refused.`}</p>
      </div>
    </div>
  )
}
