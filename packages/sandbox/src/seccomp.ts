import { TenonError } from '@tenon/contract'
import {
  CLONE_NEW_ANY,
  FAMILIES,
  MACHINES,
  NEWEST_CALL,
  SET_ID_BITS,
  TERMINAL_REQUESTS,
  type BareMachine,
  type Machine,
} from './syscalls.ts'

const NO_ERROR = 0
const EPERM = 1
const ENOSYS = 38
const ENOTSUP = 95
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

/** Flags of files (FS_IOC_SETFLAGS, FS_IOC_SETVERSION, FS_IOC_FSSETXATTR), which their owner may set without writing. */
const FLAGS_OF_FILES = [0x40086602, 0x40087602, 0x401c5820]

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

/** The seccomp program of every process in name spaces, as the bytes that `bwrap --seccomp` reads; ISOLATION_UNAVAILABLE for a machine whose calls are not known. */
export const seccompFilter = (architecture: string): Uint8Array => assembled(program(machineOf(architecture), []))

/** The same for a process without name spaces: it also stands for what they would hide, and for what Landlock leaves open. */
export function bareSeccompFilter(architecture: string): Uint8Array {
  const machine = machineOf(architecture)
  return assembled(program(machine, bareRules(machine)))
}

function machineOf(architecture: string): Machine {
  const machine = MACHINES[architecture]
  if (machine !== undefined) return machine
  throw new TenonError('ISOLATION_UNAVAILABLE', `there is no system call filter for ${architecture}`)
}

const onCall = (number: number, body: Instruction[]): Instruction[] => when(JUMP_EQUAL, number, body)

/** `first` decides before the rules that hold everywhere. */
function program(machine: Machine, first: readonly Instruction[]): Instruction[] {
  const { secondConvention } = machine
  return [
    load(ARCH_OFFSET),
    ...unless(JUMP_EQUAL, machine.audit, [give(RETURN_KILL)]),
    load(0),
    ...(secondConvention === undefined ? [] : when(JUMP_AT_LEAST, secondConvention, [give(RETURN_KILL)])),
    ...when(JUMP_AT_LEAST, NEWEST_CALL + 1, [give(refusal(ENOSYS))]),
    ...first,
    ...machine.denied.flatMap((number) => onCall(number, [give(refusal(EPERM))])),
    ...machine.absent.flatMap((number) => onCall(number, [give(refusal(ENOSYS))])),
    ...onCall(machine.clone, refuseBits(0, CLONE_NEW_ANY)),
    ...machine.sockets.flatMap((number) => onCall(number, onlyKnownFamilies())),
    ...onCall(machine.ioctl, refuseRequests(TERMINAL_REQUESTS)),
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
  ...FAMILIES.flatMap((family) => when(JUMP_EQUAL, family, [give(RETURN_ALLOW)])),
  give(refusal(EAFNOSUPPORT)),
]

const refuseRequests = (requests: readonly number[]): Instruction[] => [
  load(argumentOffset(1)),
  ...requests.flatMap((request) => when(JUMP_EQUAL, request, [give(refusal(EPERM))])),
  give(RETURN_ALLOW),
]

/**
 * A change of a file's mode, owner or time has no effect but succeeds: programs that copy files make such changes and
 * would fail, and no rule tells a plugin's files from others of the same user. Modes that set an id are refused as
 * everywhere.
 */
function bareRules({ bare, modes, ioctl }: Machine): Instruction[] {
  const idSetting = (number: number): Instruction[] =>
    modes.flatMap(([of, argument]) =>
      of === number ? [load(argumentOffset(argument)), ...when(JUMP_ANY_BIT, SET_ID_BITS, [give(refusal(EPERM))])] : [],
    )
  return [
    ...bare.denied.flatMap((number) => onCall(number, [give(refusal(EPERM))])),
    ...bare.ofFiles.flatMap((number) => onCall(number, [...idSetting(number), give(refusal(NO_ERROR))])),
    ...bare.ofAttributes.flatMap((number) => onCall(number, [give(refusal(ENOTSUP))])),
    ...onCall(bare.socket, [give(refusal(EAFNOSUPPORT))]),
    ...onCall(ioctl, refuseRequests([...TERMINAL_REQUESTS, ...FLAGS_OF_FILES])),
    ...onlyItself(bare),
  ]
}

/** Lets a process change its own limits and priorities, not those of others of its user. */
const onlyItself = ({ ofProcess, ofWhom }: BareMachine): Instruction[] => [
  ...ofProcess.flatMap((number) => onCall(number, [load(argumentOffset(0)), ...onlyZero])),
  ...ofWhom.flatMap(([number, process]) =>
    onCall(number, [
      load(argumentOffset(0)),
      ...unless(JUMP_EQUAL, process, [give(refusal(EPERM))]),
      load(argumentOffset(1)),
      ...onlyZero,
    ]),
  ),
]

const onlyZero: Instruction[] = [...unless(JUMP_EQUAL, 0, [give(refusal(EPERM))]), give(RETURN_ALLOW)]

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
