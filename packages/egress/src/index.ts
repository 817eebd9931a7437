export { guardAddress } from './address-guard.ts'
export { openSocket, systemDial, systemLookup, type Dial, type Gate, type Lookup } from './gate.ts'
export { guardedFetch, METHODS, type OutsideAnswer, type OutsideRequest, type Surroundings } from './guarded-fetch.ts'
export { hostOf } from './target.ts'
