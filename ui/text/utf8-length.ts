/** The length of a text in UTF-8 bytes, as the protocol counts it. */

const encoder = new TextEncoder()

export const mostTextBytes = 64 * 1024

export const utf8Length = (text: string): number => encoder.encode(text).length

/** Bytes still free, or undefined while the end is far: no text is encoded at every keystroke. */
export function bytesLeft(text: string): number | undefined {
  const near = mostTextBytes * 0.9
  if (text.length * 3 < near) return undefined
  const used = utf8Length(text)
  return used < near ? undefined : mostTextBytes - used
}
