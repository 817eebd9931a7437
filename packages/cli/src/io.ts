import { TenonError } from '@tenon/contract'
import type { Streams } from '@tenon/sandbox'

/** What a command may write to and be stopped by. */
export type Io = {
  out(text: string): void
  err(text: string): void
  /** Whether a person sees what goes to `out`. */
  isTerminal: boolean
  /** Asks the person at the terminal for a line; absent when there is none. */
  ask?(question: string): Promise<string>
  /** The standard streams themselves, for what a command runs. */
  streams: Streams
  /** Aborted when the user or the system asks the process to end. */
  signal: AbortSignal
  /** What comes on standard input, or, at a terminal, a line that is typed after the words and not shown. */
  secret(words: string): Promise<string>
}

/** How a command fails that was told to stop: with what told it. */
export const stopError = ({ reason }: AbortSignal, cause: unknown): TenonError =>
  new TenonError('CALL_CANCELLED', `stopped by ${String(reason)}`, { cause })
