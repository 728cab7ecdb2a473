/** What a soak found, for people, and what of it must not be. */

import type { SoakReport } from './run-soak.ts'

/** Links, sockets of the API and what watches them come and go: so many more at the end are no leak. */
const mostMoreHandles = 8

/** Empty if everything is as promised. */
export function faultsOf(report: SoakReport): string[] {
  const { handles, crashes, failures, complaints, backups, files } = report
  const faults = (['lost', 'doubled', 'reordered'] as const).flatMap((name) =>
    report[name] === 0 ? [] : [`${report[name]} ${name}`],
  )
  const more = handles.after.sockets + handles.after.others - handles.before.sockets - handles.before.others
  if (more > mostMoreHandles) faults.push(`${more} handles leaked`)
  if (backups.lacking > 0) faults.push(`a backup lacks ${backups.lacking} of ${backups.held} messages`)
  if (files.lost > 0) faults.push(`${files.lost} files are not where they belong`)
  if (files.damaged > 0) faults.push(`${files.damaged} files have other bytes`)
  if (crashes.length > 0) faults.push(`${crashes.length} daemons ended by themselves`)
  if (failures.length > 0) faults.push(`${failures.length} failures: ${failures[0]}`)
  for (const [text, count] of Object.entries(complaints)) faults.push(`${count} times logged as an error: ${text}`)
  return faults
}

const row = (name: string, value: string | number): string => `${name.padEnd(16)} ${value}`

export function reportLines(report: SoakReport, faults: readonly string[]): string[] {
  const { handles, troubles, backups, files } = report
  const handleText = (at: keyof typeof handles): string =>
    `${handles[at].sockets} sockets, ${handles[at].store} of the store, ${handles[at].others} others`
  return [
    row('seed', report.seed),
    row('minutes', report.minutes),
    row('sent', report.sent),
    row('delivered', report.delivered),
    row('lost', report.lost),
    row('doubled', report.doubled),
    row('reordered', report.reordered),
    row('outside', `${report.outside}, by people who had been removed and did not know it yet`),
    row('removals', `${report.removals}, and back again; ${report.refused} posts refused meanwhile`),
    row('backups', `${backups.made}, ${backups.brokenOff} broken off; the newest was opened: ${backups.held} messages`),
    row(
      'files',
      `${files.given}, whole at ${files.whole} ends; lost ${files.lost}, damaged ${files.damaged}; ${files.brokenOff} attempts broken off`,
    ),
    row('alike after', `${(report.healedMs / 1000).toFixed(1)} s`),
    row('peak memory', `${report.peakRssMegabytes} MB`),
    row('handles before', handleText('before')),
    row('handles after', handleText('after')),
    row(
      'troubles',
      Object.entries(troubles)
        .map(([name, count]) => `${count} ${name}`)
        .join(', '),
    ),
    ...report.crashes.map((each) => row('ended by itself', each)),
    ...faults.map((each) => row('FAULT', each)),
  ]
}
