/** Reads what tap wrote: what failed, and what tap lets pass: files without tests, tests without asserts, todos. */

export interface TapReport {
  readonly passed: number
  /** Not ok, todo, or without an assert. */
  readonly failed: number
  /** The asserts that failed, each with the names of its tests and its file. */
  readonly failures: readonly string[]
  /** Why, for what tap itself does not print as a failure. */
  readonly complaints: readonly string[]
  readonly skipped: readonly string[]
}

interface Found {
  readonly failures: string[]
  readonly complaints: string[]
  readonly skipped: string[]
}

interface End {
  readonly ok: boolean
  readonly name: string
  readonly word: string | undefined
  readonly reason: string
}

/** A line that ends a test or an assert. */
function readEnd(line: string): End | undefined {
  const found = /^(not )?ok \d+(?: - (.*?))?(?: # (?:(SKIP|TODO)(.*)|time=.*))?$/.exec(line)
  if (found === null) return undefined
  const [, not, name = '', word, reason = ''] = found
  return { ok: not === undefined, name, word, reason }
}

export function readTap(text: string): TapReport {
  const names: string[] = []
  const found: Found = { failures: [], complaints: [], skipped: [] }
  for (const line of text.split('\n')) {
    const rest = line.trimStart()
    const depth = (line.length - rest.length) / 4 // a subtest's lines are indented by four
    const path = (last: string): string => [...names.slice(0, depth), last].join(' > ')
    const subtest = /^# Subtest: (.*)$/.exec(rest)?.[1]
    if (subtest !== undefined) {
      names.splice(depth)
      names.push(subtest)
    }
    // An empty plan stands one level below the name of its test; a skipped test has none.
    const isEmpty = /^1\.\.0(?: |$)/.test(rest) && depth > 0
    if (isEmpty) found.complaints.push(`asserts nothing: ${names.slice(0, depth).join(' > ')}`)
    const end = readEnd(rest)
    if (end === undefined) continue
    const { ok, name, word, reason } = end
    if (word === 'TODO') found.complaints.push(`todo: ${path(name)}`)
    else if (word === 'SKIP' && reason !== ' no tests found') found.skipped.push(`${path(name)} (${reason.trim()})`)
    else if (!ok && names[depth] !== name) found.failures.push(path(name)) // a test fails with what it holds
  }
  const summary = /^# \{ (total: .*) \}$/m.exec(text)?.[1] ?? ''
  const count = (word: string): number => Number(new RegExp(`\\b${word}: (\\d+)`).exec(summary)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail') + found.complaints.length, ...found }
}
