/** What `npm audit` found, held against the exceptions that somebody explained. */

export interface Advisory {
  /** Its page, which is also its name. */
  readonly url: string
  readonly package: string
  readonly severity: string
  readonly title: string
}

/** An advisory that does not concern Warren, or not yet. */
export interface Exception {
  readonly url: string
  readonly why: string
  /** `2026-12-31`: from the day after it counts no more. */
  readonly until: string
}

interface Via {
  readonly url: string
  readonly name: string
  readonly severity: string
  readonly title: string
}

const isVia = (value: unknown): value is Via => typeof value === 'object' && value !== null && 'url' in value

/** The advisories of a report of `npm audit --json`; undefined if npm could not ask. */
export function readReport(report: unknown): Advisory[] | undefined {
  if (typeof report !== 'object' || report === null || !('vulnerabilities' in report)) return undefined
  const packages = Object.values(report.vulnerabilities as Record<string, { via: readonly unknown[] }>)
  const found = new Map<string, Advisory>()
  for (const { url, name, severity, title } of packages.flatMap(({ via }) => via.filter((each) => isVia(each))))
    found.set(url, { url, package: name, severity, title })
  return [...found.values()]
}

export interface Judged {
  readonly problems: readonly string[]
  readonly explained: readonly string[]
}

/** `all`: with what builds and tests need; `shipped`: without. `today`: as `until` is written. */
export function judge(
  all: readonly Advisory[],
  shipped: readonly Advisory[],
  exceptions: readonly Exception[],
  today: string,
): Judged {
  const problems: string[] = []
  const explained: string[] = []
  for (const { url, package: name, severity, title } of all) {
    const place = shipped.some((each) => each.url === url) ? 'shipped' : 'builds and tests only'
    const line = `${severity}, ${place}: ${name}: ${title} (${url})`
    const exception = exceptions.find((each) => each.url === url)
    if (exception === undefined) problems.push(line)
    else if (exception.until < today) problems.push(`${line}: the exception ended on ${exception.until}`)
    else explained.push(`${line}: until ${exception.until}, since ${exception.why}`)
  }
  for (const { url } of exceptions) {
    if (!all.some((each) => each.url === url))
      problems.push(`${url} is excepted and was not found: take it off the list`)
  }
  return { problems, explained }
}

const day = /^\d{4}-\d{2}-\d{2}$/

/** Throws on an exception that does not say which, why, and until when. */
export function readExceptions(value: unknown): Exception[] {
  if (!Array.isArray(value)) throw new Error('exceptions are a list')
  return value.map((each: Partial<Exception>) => {
    const { url = '', why = '', until = '' } = each
    if (!url.startsWith('https://') || why.length < 20 || !day.test(until))
      throw new Error(`an exception has url, why (a sentence) and until (a day): ${JSON.stringify(each)}`)
    return { url, why, until }
  })
}
