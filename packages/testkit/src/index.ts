export { simulatedWorld, wallWorld, type SimulatedWorld } from './world.ts'
export { temporaryFolder } from './temporary-folder.ts'
export { collectAudit, type CollectedAudit } from './collected-audit.ts'
export { nodeDisk, killingDisk, Killed } from './disk.ts'
