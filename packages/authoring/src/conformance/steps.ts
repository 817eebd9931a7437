import type { Step } from './step.ts'
import { STEPS_OF_CALLS } from './steps-of-calls.ts'
import { STEPS_OF_HOSTS } from './steps-of-hosts.ts'
import { STEPS_OF_DATASETS, STEPS_OF_MAPS, STEPS_OF_REQUESTS } from './steps-of-lanes.ts'

/** Every step that a scenario may be made of. */
export const STEPS: readonly Step[] = [
  ...STEPS_OF_CALLS,
  ...STEPS_OF_HOSTS,
  ...STEPS_OF_DATASETS,
  ...STEPS_OF_MAPS,
  ...STEPS_OF_REQUESTS,
]
