import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync } from 'node:fs'
import { expect } from 'vitest'
import { readableByAll, temporaryFolder } from '@tenon/testkit'
import { isRoot } from './sandboxed.ts'

/** What a host in a process of its own printed, started by a command that changes what it is or sees. */
export function printedThrough(command: readonly string[], host: readonly string[]): string {
  const counts = temporaryFolder()
  chmodSync(counts, 0o777)
  const wanted = process.env['TENON_V8_COVERAGE']
  const [program = '', ...argv] = [...command, process.execPath, ...host]
  const env = { PATH: process.env['PATH'], ...(wanted === undefined ? {} : { NODE_V8_COVERAGE: counts }) }
  const { stdout, stderr, status } = spawnSync(program, argv, { encoding: 'utf8', env, timeout: 30_000 })
  if (wanted !== undefined) cpSync(counts, wanted, { recursive: true })
  expect(status, stderr).toBe(0)
  return stdout
}

export const ORDINARY_USER = 65_533
export const asOrdinaryUser = [
  'setpriv',
  '--reuid',
  `${ORDINARY_USER}`,
  '--regid',
  `${ORDINARY_USER}`,
  '--clear-groups',
]

/** Root can become an ordinary user, who must then be able to read the clone. */
export const canBeOrdinary = isRoot && readableByAll(import.meta.dirname)
