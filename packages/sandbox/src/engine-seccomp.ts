import { constants } from 'node:os'
import { DENIED_NAMES } from './syscalls.ts'

const { EPERM, ENOSYS, EAFNOSUPPORT } = constants.errno

type Comparison = {
  index: number
  op: 'SCMP_CMP_MASKED_EQ' | 'SCMP_CMP_EQ' | 'SCMP_CMP_GT'
  value: number
  valueTwo?: number
}
type Rule = { names: readonly string[]; action: 'SCMP_ACT_ERRNO'; errnoRet: number; args?: readonly Comparison[] }

/** Calls that set a file's mode, with the place of the mode among their arguments. */
const MODES = { open: 2, creat: 1, chmod: 1, fchmod: 1, mknod: 1, openat: 3, mknodat: 2, fchmodat: 2, fchmodat2: 2 }
const SET_ID_BITS = [0o4000, 0o2000]
/** Every kind of name space that `clone` can make. */
const NAMESPACES = [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000]
/** TIOCSTI and TIOCLINUX. */
const REQUESTS = [0x5412, 0x541c]
const LOW_HALF = 0xffffffff

/** The same refusals as the filter of our own levels, as the profile that container engines read. All rules of a list are alternatives. */
export const engineSeccomp = (): { defaultAction: 'SCMP_ACT_ALLOW'; syscalls: readonly Rule[] } => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [
    refused(DENIED_NAMES, EPERM),
    refused(['clone3', 'openat2'], ENOSYS),
    ...NAMESPACES.map((bit) => refused(['clone'], EPERM, hasBit(0, bit))),
    ...REQUESTS.map((value) =>
      refused(['ioctl'], EPERM, { index: 1, op: 'SCMP_CMP_MASKED_EQ', value: LOW_HALF, valueTwo: value }),
    ),
    ...Object.entries(MODES).flatMap(([name, index]) =>
      SET_ID_BITS.map((bit) => refused([name], EPERM, hasBit(index, bit))),
    ),
    ...otherFamilies().map((family) => refused(['socket', 'socketpair'], EAFNOSUPPORT, family)),
  ],
})

const refused = (names: readonly string[], errnoRet: number, comparison?: Comparison): Rule => ({
  names,
  action: 'SCMP_ACT_ERRNO',
  errnoRet,
  ...(comparison === undefined ? {} : { args: [comparison] }),
})

const hasBit = (index: number, bit: number): Comparison => ({
  index,
  op: 'SCMP_CMP_MASKED_EQ',
  value: bit,
  valueTwo: bit,
})

/** All but AF_UNIX, AF_INET and AF_INET6, the last of which is 10. */
const otherFamilies = (): Comparison[] => [
  ...[0, 3, 4, 5, 6, 7, 8, 9].map((value): Comparison => ({ index: 0, op: 'SCMP_CMP_EQ', value })),
  { index: 0, op: 'SCMP_CMP_GT', value: 10 },
]
