/** Looks through the home of a daemon that does not run, and mends what a running one could not open. */

import type { Examination, Finding } from '../protocol/examination.ts'
import { errorCode, WarrenError } from '../protocol/errors.ts'
import { examineStopped } from './blobs/examine-stopped.ts'
import { Bus } from './bus.ts'
import { Conversations } from './conversations/conversations.ts'
import { renewAtOpen } from './conversations/duplicate.ts'
import { rebuild } from './conversations/rebuild.ts'
import { noExamination } from './doctor/doctor.ts'
import { openIdentity } from './identity/identity.ts'
import { createLog } from './log.ts'
import { random } from './random.ts'
import { isHome } from './store/home.ts'
import { openStore } from './store/level-store.ts'
import { canBeRead, keepCopy, mendDatabase } from './store/mend.ts'
import { proveKeyring } from './store/prove.ts'
import type { Secret } from './store/slot-opener.ts'
import type { Store } from './store/store.ts'
import { sweep } from './store/sweep.ts'
import { systemTimers } from './timers.ts'

export interface ExamineHomeOptions {
  readonly home: string
  readonly repair: boolean
  /** Of the owner, where no key file opens the home. */
  readonly secret?: Secret
  readonly signal: AbortSignal
  readonly progress: (checked: number, total: number) => void
}

export interface ExaminedHome extends Examination {
  /** The folder in the home that keeps the database as it was; only where something had to be mended. */
  readonly copy?: string
}

export type ExamineHome = (options: ExamineHomeOptions) => Promise<ExaminedHome>

const silent = createLog([], () => Date.now())
const now = (): number => systemTimers.now()

/**
 * Holds the home meanwhile. Rejects with HOME_IN_USE, HOME_UNWRITABLE, NOT_FOUND, STORE_FULL, STORE_FAILED, STORE_NEWER, LOCKED where
 * `secret` is needed, WRONG_PASSPHRASE, and with STORE_DAMAGED where nothing but a backup helps.
 */
export async function examineHome(options: ExamineHomeOptions): Promise<ExaminedHome> {
  if (!(await isHome(options.home))) throw new WarrenError('NOT_FOUND', 'there is no Warren home in this folder')
  const begun: Examination = { ...noExamination, repair: options.repair, startedAt: now() }
  try {
    // Such a part is met sooner or later by LevelDB itself, which then writes nothing any more.
    if (!(await canBeRead(options.home))) throw new WarrenError('STORE_DAMAGED', 'the database cannot be read through')
    return { ...begun, ...(await look(options)), state: 'done', finishedAt: now() }
  } catch (error) {
    if (errorCode(error) !== 'STORE_DAMAGED') throw error
    if (!options.repair)
      return { ...begun, state: 'done', finishedAt: now(), findings: [await findingOf(options, error)] }
  }
  // Nothing is touched before it is sure that what is mended can be read.
  await proveKeyring(options.home, options.secret)
  const copy = await keepCopy(options.home)
  const mended = await mend(options, copy)
  const after = await look(options)
  const findings = [...mended, ...after.findings]
  return { ...begun, ...after, findings, copy, state: 'done', finishedAt: now() }
}

/** What keeps the home from being looked through. Throws `error` if no repair would help. */
async function findingOf(options: ExamineHomeOptions, error: unknown): Promise<Finding> {
  const { signal } = options
  const count = await withStore(options, async (store) => await sweep(store, { remove: false, signal })).catch(() => 0)
  if (count > 0) return { kind: 'row', outcome: 'open', count }
  if (error instanceof WarrenError && /backup|keyring|key file/.test(error.message)) throw error
  return { kind: 'database', outcome: 'open', count: 1 }
}

async function withStore<T>(
  { home, secret }: ExamineHomeOptions,
  use: (store: Store) => Promise<T>,
  mendMeta = false,
): Promise<T> {
  const store = await openStore(home, { mend: mendMeta, looks: true, secret }, { randomBytes: random })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** Files, then rows that open under no key, then what lists the rest. */
async function mend(options: ExamineHomeOptions, copy: string): Promise<Finding[]> {
  const { home, signal } = options
  const { rebuilt, strays } = await mendDatabase(home, copy)
  const findings: Finding[] = rebuilt ? [{ kind: 'database', outcome: 'mended', count: 1 }] : []
  const rows = await withStore(
    options,
    async (store) => {
      const { person } = await openIdentity({ store, random, now })
      const removed = await sweep(store, { remove: true, signal })
      // The newest of what this device said may have been in what could not be read.
      if (rebuilt || strays > 0) await renewAtOpen(store)
      return { removed, rebuilt: await rebuild({ store, own: person, random }) }
    },
    true,
  )
  const gone = strays + rows.removed
  // Those that could be put together again are whole; the rest comes back by itself or is told anew.
  if (gone + rows.rebuilt > 0) findings.push({ kind: 'row', outcome: 'mended', count: Math.max(gone, rows.rebuilt) })
  return findings
}

async function look(options: ExamineHomeOptions): Promise<{ findings: Finding[]; waiting: number; total: number }> {
  const { repair, signal, progress } = options
  let total = 0
  const counted = (checked: number, all: number): void => {
    total = all
    progress(checked, all)
  }
  return await withStore(options, async (store) => {
    const rows = await sweep(store, { remove: false, signal })
    if (rows > 0) throw new WarrenError('STORE_DAMAGED', 'rows of the database are damaged')
    const self = await openIdentity({ store, random, now })
    const deps = { store, self, bus: new Bus(), log: silent, timers: systemTimers, random }
    const conversations = await Conversations.open(deps, self.log)
    try {
      const { findings, waiting } = await conversations.examiner.examine({ repair, signal, progress: counted })
      const files = await examineStopped(store, conversations.scopes(), { repair, signal })
      const outcome = repair ? 'wanted' : 'open'
      const lost = [...files].map(([conversation, count]): Finding => ({ kind: 'file', count, outcome, conversation }))
      return { findings: [...findings, ...lost], waiting, total }
    } finally {
      await conversations.close()
    }
  })
}
