import { judge, type Verdict } from './kinds.ts'

export const validate = ({ id }: { id: string }): Verdict => judge(id)
