/** The table, for people. */

import type { Judged } from './figure.ts'

const columns = [
  { title: 'row', width: 10, of: ({ row }: Judged) => row },
  { title: 'figure', width: 44, of: ({ name }: Judged) => name },
  { title: 'floor', width: 12, of: ({ floor, unit }: Judged) => spell(floor, unit) },
  { title: 'measured', width: 12, of: ({ measured, unit }: Judged) => spell(measured, unit) },
  { title: 'ratio', width: 7, of: ({ ratio }: Judged) => (ratio === null ? '-' : `${ratio}`) },
  { title: 'budget', width: 13, of: ({ budget }: Judged) => budget },
  { title: '', width: 4, of: ({ ok, budget }: Judged) => (budget === '-' ? '' : ok ? 'ok' : 'over') },
] as const

const spell = (value: number, unit: Judged['unit']): string => (unit === 'operations' ? `${value}` : `${value} ${unit}`)

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, at) => cell.padEnd(columns[at]?.width ?? 0))
    .join('  ')
    .trimEnd()

export interface Machine {
  readonly cpus: number
  readonly model: string
  readonly node: string
  readonly scale: string
}

export function heading({ cpus, model, node, scale }: Machine): string {
  const about = `${cpus} cores, ${model.trim()}, Node ${node}, ${scale}`
  return `${about}\n\n${line(columns.map(({ title }) => title))}\n`
}

export const table = (figures: readonly Judged[]): string =>
  figures.map((figure) => `${line(columns.map(({ of }) => of(figure)))}\n`).join('')

export interface Outcome {
  readonly notes: readonly string[]
  /** Rows without figures. */
  readonly missing: readonly string[]
  readonly over: readonly string[]
  readonly seconds: number
}

export function summary({ notes, missing, over, seconds }: Outcome): string {
  const lines = [
    '',
    ...notes,
    ...(missing.length === 0 ? [] : [`not measured: ${missing.join(', ')}`]),
    over.length === 0 ? 'every measured figure keeps its budget' : `over budget: ${over.join('; ')}`,
    `${seconds} s`,
    '',
  ]
  return lines.join('\n')
}
