import { switchFlag } from '../../command.ts'

export type StrictFlag = { strict: boolean }

export const strictFlag = { strict: switchFlag('Take no configuration with faults') } as const
