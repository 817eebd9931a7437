import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { HostProblem, type ProblemFacts } from './api.ts'
import { Icon } from './icon.tsx'

/** `children` are other ways out. */
type NoticeProps = { problem: Error; onRetry?: () => void; onDismiss?: () => void; children?: ReactNode }

/** Says what failed, why, and what to do: title, detail and hint of the problem document. */
export function ProblemNotice({ problem, onRetry, onDismiss, children }: NoticeProps): ReactNode {
  const { title, detail, hint, code, errors = [] } = factsOf(problem)
  return (
    <div className="notice" data-tone="bad" role="alert">
      <Icon name="cross" />
      <div className="notice-text">
        <strong>{title}</strong>
        <p>{detail}</p>
        {errors.length > 0 && (
          <ul>
            {errors.map(({ pointer, message }) => (
              <li key={pointer + message}>
                <code>{pointer === '' ? '/' : pointer}</code> {message}
              </li>
            ))}
          </ul>
        )}
        {hint !== undefined && <p>{hint}</p>}
        {code !== undefined && <p className="notice-code">{code}</p>}
      </div>
      {children}
      {onRetry !== undefined && (
        <Button variant="default" size="xs" onClick={onRetry}>
          Try again
        </Button>
      )}
      {onDismiss !== undefined && (
        <Button variant="default" size="xs" onClick={onDismiss}>
          Dismiss
        </Button>
      )}
    </div>
  )
}

const factsOf = (problem: Error): ProblemFacts =>
  problem instanceof HostProblem ? problem.facts : { status: 0, title: 'The console failed', detail: problem.message }
