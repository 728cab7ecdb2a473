/** Circles of nodes that reach each other, of which nothing outside reaches any (Kosaraju's algorithm, linear in the edges). */

/** `sources`: the nodes with an edge to each node. Every node has at least one, or the node is a circle of its own. */
export function circlesOf(sources: ReadonlyMap<number, readonly number[]>): number[][] {
  const targets = new Map<number, number[]>([...sources.keys()].map((node) => [node, []]))
  for (const [node, from] of sources) for (const each of from) targets.get(each)?.push(node)
  const circleOf = new Map<number, number>()
  const circles: number[][] = []
  for (const start of finished(sources).toReversed()) {
    if (circleOf.has(start)) continue
    const circle: number[] = []
    const stack = [start]
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (circleOf.has(node)) continue
      circleOf.set(node, circles.length)
      circle.push(node)
      stack.push(...(targets.get(node) ?? []).filter((each) => !circleOf.has(each)))
    }
    circles.push(circle)
  }
  return circles.filter((circle, at) =>
    circle.every((node) => (sources.get(node) ?? []).every((each) => circleOf.get(each) === at)),
  )
}

/** All nodes, each behind those that a walk from it along `edges` reaches first. */
function finished(edges: ReadonlyMap<number, readonly number[]>): number[] {
  const done: number[] = []
  const begun = new Set<number>()
  for (const start of edges.keys()) {
    const stack = [{ node: start, isOver: false }]
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      if (next.isOver) done.push(next.node)
      if (next.isOver || begun.has(next.node)) continue
      begun.add(next.node)
      stack.push({ node: next.node, isOver: true })
      for (const node of edges.get(next.node) ?? []) if (!begun.has(node)) stack.push({ node, isOver: false })
    }
  }
  return done
}
