import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { isWithout, readableByAll } from '@tenon/testkit'

const WORLD = fileURLToPath(new URL('./world.ts', import.meta.url))
const ATTACKS = fileURLToPath(new URL('./attacks/', import.meta.url))
const NAMESPACES = '--mount --pid --net --ipc --uts --fork --mount-proc --kill-child'.split(' ')

type Done = { harm: string[]; status: number | null; err: string }

/** 125 says that the attack was not even started. */
const NOT_STARTED = 125

const compiled = mkdtempSync(join(tmpdir(), 'tn-compiled-'))
/** Each user has a folder of its own in it. */
chmodSync(compiled, 0o1777)
afterAll(() => rmSync(compiled, { recursive: true, force: true }))

/** The harm that an attack does in a world of its own. */
function harmOf(attack: string, mode: string): string[] {
  const argv = [
    ...NAMESPACES,
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    WORLD,
    join(ATTACKS, attack),
    mode,
    compiled,
  ]
  const { stdout, stderr } = spawnSync('unshare', argv, { encoding: 'utf8', timeout: 60_000 })
  expect(stdout, stderr).toMatch(/^\{/)
  const { harm, status, err } = JSON.parse(stdout) as Done
  expect(status, err).not.toBe(NOT_STARTED)
  expect(err).not.toMatch(/^error [A-Z_]+: /m)
  return harm
}

/** A container engine is what the tests may be told to do without. */
const LEVELS = ['A', 'B', 'C', ...(isWithout('podman') ? [] : ['E'])]

const isRoot = process.getuid?.() === 0
const attacks = readdirSync(ATTACKS)

describe.runIf(isRoot)('an attack (in namespaces that root makes)', () => {
  test.each(attacks)('%s harms when it runs bare, and does not on any level of the sandbox', (attack) => {
    expect(harmOf(attack, 'bare')).not.toEqual([])
    expect(LEVELS.flatMap((level) => harmOf(attack, level))).toEqual([])
  })

  test.runIf(readableByAll(ATTACKS)).each(attacks)(
    '%s does no harm in the sandbox of an ordinary user (in a clone that all may read)',
    (attack) => {
      expect(['B-ordinary', 'C-ordinary'].map((mode) => harmOf(attack, mode))).toEqual([[], []])
    },
  )
})
