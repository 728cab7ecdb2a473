/** Reads what tap wrote, and finds what it lets pass: files without tests, tests without asserts, todos. */

export interface TapReport {
  readonly passed: number
  /** Not ok, todo, or without an assert. */
  readonly failed: number
  /** Why, for what tap itself does not print as a failure. */
  readonly complaints: readonly string[]
  readonly skipped: readonly string[]
}

interface Found {
  readonly complaints: string[]
  readonly skipped: string[]
}

/** One line that ends a test or an assert. */
function readEnd(line: string, path: (last: string) => string, { complaints, skipped }: Found): void {
  const [, name = '', word, reason = ''] = /^(?:not )?ok \d+(?: - (.*?))?(?: # (SKIP|TODO)(.*))?$/.exec(line) ?? []
  if (word === 'TODO') complaints.push(`todo: ${path(name)}`)
  if (word === 'SKIP' && reason !== ' no tests found') skipped.push(`${path(name)} (${reason.trim()})`)
}

export function readTap(text: string): TapReport {
  const names: string[] = []
  const found: Found = { complaints: [], skipped: [] }
  for (const line of text.split('\n')) {
    const rest = line.trimStart()
    const depth = (line.length - rest.length) / 4 // a subtest's lines are indented by four
    const subtest = /^# Subtest: (.*)$/.exec(rest)?.[1]
    if (subtest !== undefined) {
      names.splice(depth)
      names.push(subtest)
    }
    // An empty plan stands one level below the name of its test; a skipped test has none.
    const isEmpty = /^1\.\.0(?: |$)/.test(rest) && depth > 0
    if (isEmpty) found.complaints.push(`asserts nothing: ${names.slice(0, depth).join(' > ')}`)
    readEnd(rest, (last) => [...names.slice(0, depth), last].join(' > '), found)
  }
  const summary = /^# \{ (total: .*) \}$/m.exec(text)?.[1] ?? ''
  const count = (word: string): number => Number(new RegExp(`\\b${word}: (\\d+)`).exec(summary)?.[1] ?? 0)
  return { passed: count('pass'), failed: count('fail') + found.complaints.length, ...found }
}
