/** Which readers of protocol/ something runs into, seen by the engine itself: a reader that is added and never fed is found. */

import { Session } from 'node:inspector/promises'
import { fileURLToPath } from 'node:url'
import { readFolder } from '../meta/source-files.ts'

const named = /^export (?:async )?(?:function|const) ((?:read|decode|open|unpad|unwrap)\w*)/gm

/** `file name` of everything in protocol/ that is exported and called as readers are. */
export const readersIn = (files: readonly { readonly path: string; readonly text: string }[]): string[] =>
  files.flatMap(({ path, text }) => [...text.matchAll(named)].map(([, name]) => `${path} ${name}`)).toSorted()

export const allReaders = (): string[] => readersIn(readFolder('protocol').filter(({ path }) => path.endsWith('.ts')))

/** `file name` of the functions of protocol/ that were called while `task` ran. */
export async function calledIn(task: () => void): Promise<Set<string>> {
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    task()
    const { result } = await session.post('Profiler.takePreciseCoverage')
    await session.post('Profiler.stopPreciseCoverage')
    return new Set(
      result.flatMap(({ url, functions }) => {
        const path = url.startsWith('file:') ? fileURLToPath(url).slice(root.length) : ''
        if (!path.startsWith('protocol/')) return []
        return functions
          .filter(({ ranges }) => (ranges[0]?.count ?? 0) > 0)
          .map((each) => `${path} ${each.functionName}`)
      }),
    )
  } finally {
    session.disconnect()
  }
}
