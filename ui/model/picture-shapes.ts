/** How pictures stand in the list: what was drawn once keeps its height for as long as the page is open, so that nothing moves. */

import type { Attachment } from '../../protocol/http-files.ts'

/** Pixels. */
export interface Shape {
  readonly width: number
  readonly height: number
}

const mostKnown = 1000
const shapes = new Map<string, Shape>()
/** Pictures that had a place before their shape was known. */
const framed = new Set<string>()

function trim(kept: Map<string, unknown> | Set<string>): void {
  for (const oldest of kept.keys()) {
    if (kept.size <= mostKnown) break
    kept.delete(oldest)
  }
}

/** As it is seen: a photograph may be turned against what its head says. */
export function rememberShape(id: string, shape: Shape): void {
  shapes.set(id, shape)
  trim(shapes)
}

export const shapeOf = ({ id, width, height }: Attachment): Shape | undefined =>
  shapes.get(id) ?? (width === undefined || height === undefined ? undefined : { width, height })

/** It is drawn in a place of a fixed height now. */
export function frame(id: string): void {
  framed.add(id)
  trim(framed)
}

export const isFramed = (id: string): boolean => framed.has(id)

export function forgetShapes(): void {
  shapes.clear()
  framed.clear()
}
