import { describe, expect, test } from 'vitest'
import { bareSeccompFilter, seccompFilter } from '../src/seccomp.ts'

const KILL = 'kill'
const ALLOW = 'allow'
const EPERM = 1
const ENOSYS = 38
const EAFNOSUPPORT = 97

type Call = { audit: number; number: number; arguments?: readonly number[] }

/** What the kernel's own machine for such programs answers, as far as the filter uses it. */
function answerOf(filter: Uint8Array, { audit, number, arguments: given = [] }: Call): string | number {
  const data = new DataView(new ArrayBuffer(64))
  data.setUint32(0, number, true)
  data.setUint32(4, audit, true)
  for (const [index, argument] of given.entries()) data.setBigUint64(16 + 8 * index, BigInt(argument), true)
  const program = new DataView(filter.buffer)
  let loaded = 0
  for (let at = 0; ; at += 8) {
    const [code, ifTrue, ifFalse] = [program.getUint16(at, true), program.getUint8(at + 2), program.getUint8(at + 3)]
    const value = program.getUint32(at + 4, true)
    if (code === 0x06) return value === 0x80000000 ? KILL : value === 0x7fff0000 ? ALLOW : value - 0x00050000
    if (code === 0x20) loaded = data.getUint32(value, true)
    else at += 8 * (holds(code, loaded, value) ? ifTrue : ifFalse)
  }
}

function holds(code: number, loaded: number, value: number): boolean {
  if (code === 0x15) return loaded === value
  if (code === 0x35) return loaded >= value
  if (code === 0x45) return (loaded & value) !== 0
  throw new Error(`an instruction ${code} that no filter here uses`)
}

// The numbers are those of the kernel's headers for each machine, not of the filter's own table.
const MACHINES = {
  x64: { audit: 0xc000003e, read: 0, mount: 165, ptrace: 101, bpf: 321, clone: 56, socket: 41, pair: 53, ioctl: 16 },
  arm64: {
    audit: 0xc00000b7,
    read: 63,
    mount: 40,
    ptrace: 117,
    bpf: 280,
    clone: 220,
    socket: 198,
    pair: 199,
    ioctl: 29,
  },
}
const MODES: Record<keyof typeof MACHINES, [call: string, number: number, argument: number][]> = {
  x64: [
    ['chmod', 90, 1],
    ['fchmodat', 268, 2],
    ['openat', 257, 3],
    ['mknodat', 259, 2],
  ],
  arm64: [
    ['fchmod', 52, 1],
    ['fchmodat', 53, 2],
    ['openat', 56, 3],
    ['mknodat', 33, 2],
  ],
}

describe.each(['x64', 'arm64'] as const)('the filter of %s', (name) => {
  const machine = MACHINES[name]
  const filter = seccompFilter(name)
  const answer = (number: number, ...given: number[]) =>
    answerOf(filter, { audit: machine.audit, number, arguments: given })

  test('lets ordinary calls pass', () => {
    expect([answer(machine.read), answer(machine.clone, 17), answer(machine.ioctl, 0, 0x5401)]).toEqual([
      ALLOW,
      ALLOW,
      ALLOW,
    ])
  })

  test('refuses what reaches other processes and the kernel', () => {
    expect([machine.mount, machine.ptrace, machine.bpf].map((number) => answer(number))).toEqual([EPERM, EPERM, EPERM])
    expect(answer(machine.clone, 0x10000000 | 17)).toBe(EPERM)
    expect(answer(machine.ioctl, 0, 0x5412)).toBe(EPERM)
  })

  test('knows no call whose arguments it cannot see, and none that is newer than it', () => {
    expect([435, 437, 470, 0x3fffffff].map((number) => answer(number))).toEqual([ENOSYS, ENOSYS, ENOSYS, ENOSYS])
  })

  test('opens sockets of the known families only', () => {
    for (const number of [machine.socket, machine.pair])
      expect([1, 2, 10, 16, 38, 40].map((family) => answer(number, family))).toEqual([
        ...[ALLOW, ALLOW, ALLOW],
        ...[EAFNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT],
      ])
  })

  test.each(MODES[name])('%s makes no file that runs as another user', (_, number, argument) => {
    const withMode = (mode: number) => answer(number, ...Array.from({ length: argument }, () => 0), mode)
    expect([0o755, 0o1755, 0o4755, 0o2755].map(withMode)).toEqual([ALLOW, ALLOW, EPERM, EPERM])
  })

  test('ends a process that calls as another machine does', () => {
    const other = name === 'x64' ? MACHINES.arm64 : MACHINES.x64
    expect(answerOf(filter, { audit: other.audit, number: machine.read })).toBe(KILL)
    expect(answer(0x40000000 + machine.read)).toBe(name === 'x64' ? KILL : ENOSYS)
  })
})

// The same for what only a process without name spaces is refused.
const SHARED = {
  x64: {
    chmod: 90,
    chown: 260,
    utime: 280,
    xattr: 188,
    affinity: 203,
    prlimit: 302,
    nice: 141,
    ionice: 251,
    shm: 29,
    watch: 254,
  },
  arm64: {
    chmod: 52,
    chown: 54,
    utime: 88,
    xattr: 5,
    affinity: 122,
    prlimit: 261,
    nice: 140,
    ionice: 30,
    shm: 194,
    watch: 27,
  },
}

describe.each(['x64', 'arm64'] as const)('the filter of %s without name spaces', (name) => {
  const [machine, shared] = [MACHINES[name], SHARED[name]]
  const filter = bareSeccompFilter(name)
  const answer = (number: number, ...given: number[]) =>
    answerOf(filter, { audit: machine.audit, number, arguments: given })

  test('refuses all that the other one does', () => {
    expect([machine.mount, machine.ptrace, machine.bpf].map((number) => answer(number))).toEqual([EPERM, EPERM, EPERM])
    expect([435, 470].map((number) => answer(number))).toEqual([ENOSYS, ENOSYS])
    expect(answer(machine.read)).toBe(ALLOW)
  })

  test('makes no socket but a pair', () => {
    expect([1, 2, 10, 16, 40].map((family) => answer(machine.socket, family))).toEqual(
      Array.from({ length: 5 }, () => EAFNOSUPPORT),
    )
    expect([answer(machine.pair, 1), answer(machine.pair, 16)]).toEqual([ALLOW, EAFNOSUPPORT])
  })

  test('lets changes of modes, owners and times have no effect, and refuses flags and set-id modes', () => {
    expect([answer(shared.chmod, 3, 0o777), answer(shared.chown), answer(shared.utime)]).toEqual([0, 0, 0])
    expect([answer(shared.chmod, 3, 0o4755), answer(shared.xattr)]).toEqual([EPERM, 95])
    expect([0x40086602, 0x401c5820, 0x5401].map((request) => answer(machine.ioctl, 3, request))).toEqual([
      ...[EPERM, EPERM],
      ALLOW,
    ])
  })

  test('lets a process bound and slow itself only', () => {
    expect([answer(shared.affinity, 0), answer(shared.prlimit, 0)]).toEqual([ALLOW, ALLOW])
    expect([answer(shared.affinity, 7), answer(shared.prlimit, 7)]).toEqual([EPERM, EPERM])
    expect([answer(shared.nice, 0, 0), answer(shared.ionice, 1, 0)]).toEqual([ALLOW, ALLOW])
    expect([answer(shared.nice, 0, 7), answer(shared.nice, 2, 0), answer(shared.ionice, 3, 0)]).toEqual([
      EPERM,
      EPERM,
      EPERM,
    ])
  })

  test('shares no memory with other processes, and watches none of their files', () => {
    expect([answer(shared.shm), answer(shared.watch)]).toEqual([EPERM, EPERM])
  })
})

test('a machine whose calls are not known has no filter', () => {
  expect(() => seccompFilter('riscv64')).toThrow(expect.objectContaining({ code: 'ISOLATION_UNAVAILABLE' }))
})
