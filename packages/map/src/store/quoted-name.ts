/** The name of a table or column as SQL reads it, whatever is in it. */
export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`
