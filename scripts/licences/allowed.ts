/** Which licences a shipped package may have: those that ask for no more than that their text goes along. */

/** The first that fits is the one under which a package is taken. */
const allowedLicences: readonly string[] = [
  'MIT',
  'ISC',
  '0BSD',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Unlicense',
  'Apache-2.0',
]

/**
 * The licences of an SPDX expression that are taken, such as `['MIT']` for `(MIT OR Apache-2.0)`; undefined if one is not
 * allowed, or the expression is not understood (`WITH`, brackets within brackets).
 */
export function chosenLicences(expression: string): string[] | undefined {
  const bare = expression.trim().replace(/^\(([^()]*)\)$/, '$1')
  const choices = bare.split(/\s+OR\s+/)
  if (choices.length > 1) {
    const fitting = choices.flatMap((choice) => {
      const chosen = chosenLicences(choice)
      return chosen === undefined ? [] : [chosen]
    })
    const rank = (licences: readonly string[]): number =>
      Math.max(...licences.map((each) => allowedLicences.indexOf(each)))
    return fitting.toSorted((a, b) => rank(a) - rank(b))[0]
  }
  const all = bare.split(/\s+AND\s+/)
  return all.every((each) => allowedLicences.includes(each)) ? all : undefined
}
