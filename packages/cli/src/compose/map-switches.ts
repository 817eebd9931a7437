import { storedSwitches, switchesOf, type Config, type Switches } from '@tenon/map'
import type { MapGround } from './map-ground.ts'

/** What takes part: the database has the last word, then the settings. */
export const mapSwitches = ({ switchesDb }: MapGround, config: Config): Switches => ({
  ...switchesOf(config),
  ...storedSwitches(switchesDb),
})
