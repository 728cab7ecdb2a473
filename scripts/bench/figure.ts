/** One measured number beside its floor, and whether it keeps its budget. */

/** At most so many times the floor, at most this value, or at least this one; or a figure that is told and not judged. */
export interface Budget {
  readonly is: 'times' | 'most' | 'least' | 'none'
  readonly value: number
}

export const shownOnly: Budget = { is: 'none', value: Infinity }

export interface Figure {
  /** Within its row. */
  readonly name: string
  readonly unit: 'ms' | '/s' | 'MB' | 'B' | '%' | 'operations'
  /** What the same libraries reach with nothing around them, in this run. */
  readonly floor: number
  readonly measured: number
  readonly budget: Budget
}

export interface Judged {
  readonly row: string
  readonly name: string
  readonly unit: Figure['unit']
  readonly floor: number
  readonly measured: number
  /** Measured by floor; null where the floor is 0. */
  readonly ratio: number | null
  /** As printed, `<= 1.5 x`; `-` where there is none. */
  readonly budget: string
  readonly ok: boolean
}

/** The budget when it shall be `tighter` times harder to keep, which is how a bench proves that it can fail. */
const tighten = ({ is, value }: Budget, tighter: number): Budget => ({
  is,
  value: is === 'least' ? value * tighter : value / tighter,
})

function keeps({ floor, measured }: Figure, { is, value }: Budget): boolean {
  if (is === 'none') return true
  if (is === 'least') return measured >= value
  return measured <= (is === 'times' ? value * floor : value)
}

function spell({ is, value }: Budget, unit: Figure['unit']): string {
  if (is === 'none') return '-'
  return `${is === 'least' ? '>=' : '<='} ${round(value)} ${is === 'times' ? 'x' : unit}`
}

export function judge(row: string, figure: Figure, tighter: number): Judged {
  const { name, unit, floor, measured } = figure
  const budget = tighten(figure.budget, tighter)
  const ratio = floor > 0 && Number.isFinite(measured / floor) ? round(measured / floor) : null
  // A number that is none was not measured.
  const ok = Number.isFinite(measured) && keeps(figure, budget)
  return { row, name, unit, floor: round(floor), measured: round(measured), ratio, budget: spell(budget, unit), ok }
}

/** Three digits that mean something. */
export const round = (value: number): number => (value >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
