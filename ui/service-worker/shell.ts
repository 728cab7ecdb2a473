/**
 * The files of the page, for when the daemon does not answer. What is kept was checked when it came and is checked again when it is
 * used: anybody who held the daemon's port for a while could write into the same cache.
 */

export interface ShellFile {
  /** SHA-256 of the bytes, base64. */
  readonly hash: string
  readonly type: string
}

/** By address; scripts/shell-files.ts puts these in front of the built script. */
declare const shellFiles: Readonly<Record<string, ShellFile>>
/** A name that no other build has. */
declare const shellBuild: string
/** What the page may load and run. */
declare const shellPolicy: string

/** Of this build alone: one that comes half-way spoils nothing of the one before it. */
const cacheName = `warren-${shellBuild}`
/** A daemon that is out of reach often says nothing at all. */
const patienceMs = 4000

async function hashOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return btoa(String.fromCodePoint(...digest))
}

const kept = async (): Promise<Cache> => await caches.open(cacheName)

/** Rejects unless every file is there as it was built. */
export async function keepShell(): Promise<void> {
  const cache = await kept()
  await Promise.all(
    Object.entries(shellFiles).map(async ([path, { hash }]) => {
      const response = await fetch(path, { cache: 'reload', credentials: 'omit' })
      const bytes = await response.arrayBuffer()
      if ((await hashOf(bytes)) !== hash) throw new Error(`another build serves ${path}`)
      await cache.put(path, new Response(bytes))
    }),
  )
}

/** What other builds left, and whoever else. */
export async function dropOthers(): Promise<void> {
  for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name)
  const cache = await kept()
  for (const { url } of await cache.keys()) if (!(new URL(url).pathname in shellFiles)) await cache.delete(url)
}

async function fromShell(path: string): Promise<Response | undefined> {
  const file = shellFiles[path]
  const found = file === undefined ? undefined : await (await kept()).match(path)
  if (file === undefined || found === undefined) return undefined
  const bytes = await found.arrayBuffer()
  if ((await hashOf(bytes)) !== file.hash) return undefined
  return new Response(bytes, {
    headers: {
      'content-type': file.type,
      'content-security-policy': shellPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    },
  })
}

async function patiently(response: Promise<Response>): Promise<Response> {
  return await Promise.race([
    response,
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('no answer')), patienceMs)
    }),
  ])
}

/** True for files of the page; nothing under /api is ever looked at. */
export const isOfShell = (request: Request): boolean => {
  const { origin, pathname } = new URL(request.url)
  return request.method === 'GET' && origin === location.origin && Object.hasOwn(shellFiles, pathname)
}

/** The daemon's own files, if it answers; else those that are kept. */
export async function answer(request: Request): Promise<Response> {
  const asked = fetch(request)
  try {
    return await patiently(asked)
  } catch {
    return (await fromShell(new URL(request.url).pathname)) ?? (await asked)
  }
}
