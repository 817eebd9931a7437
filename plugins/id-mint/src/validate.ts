import { judge } from './kinds.ts'
import type { ValidateInput, ValidateOutput } from './plugin-types.ts'

export const validate = ({ id }: ValidateInput): ValidateOutput => judge(id)
