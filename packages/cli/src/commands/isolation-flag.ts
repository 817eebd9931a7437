import { textFlag } from '../command.ts'

export const isolationFlag = textFlag('The isolation level (default: the strongest that this machine offers)')
