/** The form in which triggers are compared: without accents, in lower case, words parted by one space. */
export const normalizeTrigger = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/[-_\s]+/g, ' ')
    .trim()
