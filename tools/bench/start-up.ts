import { join } from 'node:path'
import { runNode, TENON } from './processes.ts'
import { interleaved, type Bench } from './trials.ts'

export const startUp: Bench = (_, { trials }) =>
  interleaved(
    [
      { name: 'tenon --version', trial: () => runNode([TENON, '--version']) },
      { name: 'node -e 0', trial: () => runNode(['-e', '0']) },
      { name: 'tenon --help', trial: () => runNode([TENON, '--help']) },
    ],
    trials,
  )

export const tour: Bench = (folder, { trials }) => {
  let made = 0
  const once = () =>
    runNode([TENON, 'up', '--once', '--port', '0', '--data-dir', join(folder, String(made++))], { memory: true })
  const nothing = () => runNode(['-e', '0'], { memory: true })
  return interleaved(
    [
      { name: 'tenon up --once', trial: once },
      { name: 'node -e 0', trial: nothing },
    ],
    trials,
  )
}
