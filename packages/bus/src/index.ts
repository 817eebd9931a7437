export { openBus, type Bus, type Page } from './bus.ts'
export { busMigrations, type DeadLetter, type LoggedEvent, type SubscriptionName } from './event-table.ts'
export type { EventType } from './event-types.ts'
