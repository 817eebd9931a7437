/** Everything a package may know of time, chance and its surroundings. Only a process's main file builds the real one. */
export type World = {
  /** Milliseconds since the epoch. */
  now(): number
  /** Milliseconds from an arbitrary origin, never going back. */
  monotonic(): number
  /** Settles after `ms` milliseconds, or rejects with the signal's reason when it is aborted first. */
  timer(ms: number, signal?: AbortSignal): Promise<void>
  /** A ULID greater than every one before it. */
  newId(): string
  /** Cryptographically strong bytes. */
  random(bytes: number): Uint8Array
  env: Readonly<Record<string, string | undefined>>
  cwd: string
}
