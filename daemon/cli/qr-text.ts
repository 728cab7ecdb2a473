/** A QR code out of half blocks, two modules a character. */

import { generate } from 'lean-qr'

/** Modules of quiet around a code, which scanners need. */
const quiet = 3

/** Two modules, one above the other: what is drawn is light, as on a dark terminal. */
const blocks = ['█', '▀', '▄', ' '] as const

/** Lines of a code that a camera reads from a dark terminal; a light one shows it inverted, which most readers take, too. */
export function qrLines(text: string): string[] {
  const code = generate(text)
  const end = code.size + quiet
  const lines: string[] = []
  for (let y = -quiet; y < end; y += 2) {
    let line = ''
    for (let x = -quiet; x < end; x += 1) line += blocks[(code.get(x, y) ? 2 : 0) + (code.get(x, y + 1) ? 1 : 0)] ?? ''
    lines.push(line)
  }
  return lines
}
