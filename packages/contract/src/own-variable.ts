/** Whether a variable of the environment is Tenon's own. It may hold a key or a token, so no plugin is shown it. */
export const isOwnVariable = (name: string): boolean => /^tenon_/i.test(name)
