import { TenonError } from '@tenon/contract'

/** What a command may write to and be stopped by. */
export type Io = {
  out(text: string): void
  err(text: string): void
  /** Whether a person sees what goes to `out`. */
  isTerminal: boolean
  /** Aborted when the user or the system asks the process to end. */
  signal: AbortSignal
}

/** How a command fails that was told to stop: with what told it. */
export const stopError = ({ reason }: AbortSignal, cause: unknown): TenonError =>
  new TenonError('CALL_CANCELLED', `stopped by ${String(reason)}`, { cause })
