/** What is printed beyond this, in bytes, is not read. */
const MOST = 1_048_576

/** The beginning of what comes, as text, and where that is not all of it, whole lines; the rest is taken and dropped. */
export async function boundedText(output: AsyncIterable<Buffer>): Promise<string> {
  const kept: Buffer[] = []
  let size = 0
  for await (const chunk of output) {
    size += chunk.length
    if (size <= MOST) kept.push(chunk)
  }
  const text = Buffer.concat(kept).toString('utf8')
  return size > MOST ? text.slice(0, text.lastIndexOf('\n') + 1) : text
}
