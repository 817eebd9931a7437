/** What an object itself has under a key. Keys are other people's, and every object also answers to `constructor`. */
export const ownValue = <T>(object: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined
