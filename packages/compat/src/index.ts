export { leastBump, leastVersion, type Bump } from './bump.ts'
export { compareContracts, type Change, type Contract, type Verdict } from './compare.ts'
