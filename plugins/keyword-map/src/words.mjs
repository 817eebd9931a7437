/**
 * How often each word of a list stands in a text, as a whole word and whatever its case, and in which line first.
 * Words of the list that differ only in case are one.
 * @param {string} text
 * @param {readonly string[]} list
 */
export function wordsIn(text, list) {
  const words = [...new Set(list.map((word) => word.trim().toLowerCase()).filter((word) => word !== ''))]
  return words.map((word) => {
    const found = [...text.matchAll(wholeWord(word))]
    const first = found[0]
    return { word, count: found.length, line: first === undefined ? 0 : text.slice(0, first.index).split('\n').length }
  })
}

/** @param {string} word */
const wholeWord = (word) =>
  new RegExp(`(?<![\\p{L}\\p{N}_])${word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}(?![\\p{L}\\p{N}_])`, 'giu')
