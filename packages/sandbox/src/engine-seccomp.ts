import { constants } from 'node:os'
import { BY_NAME, CLONE_NEW_ANY, FAMILIES, SET_ID_BITS, TERMINAL_REQUESTS } from './syscalls.ts'

const { EPERM, ENOSYS, EAFNOSUPPORT } = constants.errno

type Comparison = {
  index: number
  op: 'SCMP_CMP_MASKED_EQ' | 'SCMP_CMP_EQ' | 'SCMP_CMP_GT'
  value: number
  valueTwo?: number
}
type Rule = { names: readonly string[]; action: 'SCMP_ACT_ERRNO'; errnoRet: number; args?: readonly Comparison[] }

const LOW_HALF = 0xffffffff

/** The same refusals as the filter of our own levels, as the profile that container engines read. All rules of a list are alternatives. */
export const engineSeccomp = (): { defaultAction: 'SCMP_ACT_ALLOW'; syscalls: readonly Rule[] } => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [
    refused(BY_NAME.denied, EPERM),
    refused(BY_NAME.absent, ENOSYS),
    ...bitsOf(CLONE_NEW_ANY).map((bit) => refused(['clone'], EPERM, hasBit(0, bit))),
    ...TERMINAL_REQUESTS.map((value) =>
      refused(['ioctl'], EPERM, { index: 1, op: 'SCMP_CMP_MASKED_EQ', value: LOW_HALF, valueTwo: value }),
    ),
    ...BY_NAME.modes.flatMap(({ name, argument }) =>
      bitsOf(SET_ID_BITS).map((bit) => refused([name], EPERM, hasBit(argument, bit))),
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

/** The masks of an engine hold when all bits of them are set, and any one is refused. */
const bitsOf = (mask: number): number[] =>
  Array.from({ length: 31 }, (_, place) => 2 ** place).filter((bit) => (mask & bit) !== 0)

/** An engine cannot be told to refuse what is none of several, so each other one is refused, and all above the last. */
function otherFamilies(): Comparison[] {
  const last = Math.max(...FAMILIES)
  const between = Array.from({ length: last }, (_, family) => family).filter((family) => !FAMILIES.includes(family))
  return [
    ...between.map((value): Comparison => ({ index: 0, op: 'SCMP_CMP_EQ', value })),
    { index: 0, op: 'SCMP_CMP_GT', value: last },
  ]
}
