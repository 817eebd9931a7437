import { TenonError } from '@tenon/contract'
import { MACHINES, NEWEST_CALL, type Machine } from './syscalls.ts'

const EPERM = 1
const ENOSYS = 38
const EAFNOSUPPORT = 97

const RETURN_ALLOW = 0x7fff0000
const RETURN_KILL = 0x80000000
const refusal = (errno: number): number => 0x00050000 | errno

const LOAD = 0x20
const RETURN = 0x06
const JUMP_EQUAL = 0x15
const JUMP_AT_LEAST = 0x35
const JUMP_ANY_BIT = 0x45

const ARCH_OFFSET = 4
/** The low half of an argument, which is all that the kernel looks at for the arguments below. */
const argumentOffset = (index: number): number => 16 + 8 * index

const AF_UNIX = 1
const AF_INET = 2
const AF_INET6 = 10
const CLONE_NEW_ANY = 0x7e020000
const SET_ID_BITS = 0o6000
const TIOCSTI = 0x5412
const TIOCLINUX = 0x541c

type Instruction = readonly [code: number, value: number, ifTrue: number, ifFalse: number]

const load = (offset: number): Instruction => [LOAD, offset, 0, 0]
const give = (value: number): Instruction => [RETURN, value, 0, 0]
/** The body runs when the test holds, else it is jumped over. */
const when = (test: number, value: number, body: Instruction[]): Instruction[] => [
  [test, value, 0, body.length],
  ...body,
]
const unless = (test: number, value: number, body: Instruction[]): Instruction[] => [
  [test, value, body.length, 0],
  ...body,
]

/** The seccomp program of every sandboxed process, as the bytes that `bwrap --seccomp` reads; ISOLATION_UNAVAILABLE for a machine whose calls are not known. */
export function seccompFilter(architecture: string): Uint8Array {
  const machine = MACHINES[architecture]
  if (machine !== undefined) return assembled(program(machine))
  throw new TenonError('ISOLATION_UNAVAILABLE', `there is no system call filter for ${architecture}`)
}

function program(machine: Machine): Instruction[] {
  const onCall = (number: number, body: Instruction[]) => when(JUMP_EQUAL, number, body)
  const { secondConvention } = machine
  return [
    load(ARCH_OFFSET),
    ...unless(JUMP_EQUAL, machine.audit, [give(RETURN_KILL)]),
    load(0),
    ...(secondConvention === undefined ? [] : when(JUMP_AT_LEAST, secondConvention, [give(RETURN_KILL)])),
    ...when(JUMP_AT_LEAST, NEWEST_CALL + 1, [give(refusal(ENOSYS))]),
    ...machine.denied.flatMap((number) => onCall(number, [give(refusal(EPERM))])),
    ...machine.absent.flatMap((number) => onCall(number, [give(refusal(ENOSYS))])),
    ...onCall(machine.clone, refuseBits(0, CLONE_NEW_ANY)),
    ...machine.sockets.flatMap((number) => onCall(number, onlyKnownFamilies())),
    ...onCall(machine.ioctl, refuseRequests([TIOCSTI, TIOCLINUX])),
    ...machine.modes.flatMap(([number, argument]) => onCall(number, refuseBits(argument, SET_ID_BITS))),
    give(RETURN_ALLOW),
  ]
}

const refuseBits = (argument: number, bits: number): Instruction[] => [
  load(argumentOffset(argument)),
  ...when(JUMP_ANY_BIT, bits, [give(refusal(EPERM))]),
  give(RETURN_ALLOW),
]

const onlyKnownFamilies = (): Instruction[] => [
  load(argumentOffset(0)),
  ...[AF_UNIX, AF_INET, AF_INET6].flatMap((family) => when(JUMP_EQUAL, family, [give(RETURN_ALLOW)])),
  give(refusal(EAFNOSUPPORT)),
]

const refuseRequests = (requests: number[]): Instruction[] => [
  load(argumentOffset(1)),
  ...requests.flatMap((request) => when(JUMP_EQUAL, request, [give(refusal(EPERM))])),
  give(RETURN_ALLOW),
]

function assembled(instructions: Instruction[]): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(instructions.length * 8))
  for (const [index, [code, value, ifTrue, ifFalse]] of instructions.entries()) {
    bytes.setUint16(index * 8, code, true)
    bytes.setUint8(index * 8 + 2, ifTrue)
    bytes.setUint8(index * 8 + 3, ifFalse)
    bytes.setUint32(index * 8 + 4, value >>> 0, true)
  }
  return new Uint8Array(bytes.buffer)
}
