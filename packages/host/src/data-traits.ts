import type { Description } from '@tenon/contract'

const PERSONAL = ['pii', 'phi'] as const

/** Data of persons goes only to and from plugins that say they handle it. */
export const mayHandle = ({ traits }: Description, dataTrait: string): boolean =>
  !(PERSONAL as readonly string[]).includes(dataTrait) || traits?.includes(`handles_${dataTrait}`) === true

/** The kinds of personal data that a plugin holds. */
export const personalDataOf = ({ security }: Description): readonly string[] =>
  PERSONAL.filter((kind) => security?.dataClassification.includes(kind))
