/** Paths that try to leave the page's files or slip past the session: against a running daemon. */

import t, { type Test } from 'tap'
import { planted, request, startTarget, type RawAnswer, type Target } from './gate-target.ts'

t.setTimeout(240_000)

/** Numbers that look random and are the same in each run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state >>> 8
  }
}

const tricks =
  `// \\ %2f %2F %5c %5C .. . %2e %2e%2e ..%2f ..%5c %252e%252e%252f %00 %0a %0d%0a %20 %09 %c0%ae %c0%af %e0%80%af %u002e
  %ff %fe ; ;/ ? # & @ : * ~ % %% %zz ..;/ .%00. %3f %23 http: http:// //evil.example http://evil.example/ file:/// ::$DATA`.split(
    /\s+/,
  )
const words =
  `api v1 me health sessions contacts conversations events openapi.json assets a.js index.html page secret.txt linked.txt home
  keyring key store api.sock etc passwd proc self environ fd 0 C: Windows session pair`.split(/\s+/)

/** A path out of pieces, some of them bytes that no path has. */
function fuzzedPath(random: Iterator<number, never>): string {
  const next = (most: number): number => random.next().value % most
  const pieces = [['/', '/api/v1/', '/api/v1', '/assets/'][next(4)] ?? '']
  for (let count = 1 + next(9); count > 0; count -= 1) {
    const kind = next(10)
    if (kind < 5) pieces.push(tricks[next(tricks.length)] ?? '')
    else if (kind < 9) pieces.push(next(2) === 0 ? '/' : '', words[next(words.length)] ?? '')
    else pieces.push(String.fromCodePoint(1 + next(255)).replace(/[\r\n ]/, '\u007f'))
  }
  return pieces.join('')
}

/** What anybody may have: the page, and how the daemon is. */
const isPublic = ({ body }: RawAnswer): boolean =>
  body.includes('the page') ||
  body === '"the script"' ||
  /^\{"status":"ok","version":"[^"]*","apiVersion":\d+\}$/.test(body)

async function tryPaths(
  t: Test,
  target: Target,
  paths: readonly string[],
  personId: string,
): Promise<Map<number, number>> {
  const seen = new Map<number, number>()
  const left = paths[Symbol.iterator]()
  const one = async (): Promise<void> => {
    for (const path of left) {
      const answer = await target.raw(request('GET', path, [target.ownHost]))
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
      const isGood = answer.status === 200 ? isPublic(answer) : answer.status >= 400 && answer.status < 500
      const isQuiet = ![planted, 'root:', personId, target.home].some((each) => answer.body.includes(each))
      if (!isGood || !isQuiet) t.fail(`${JSON.stringify(path)}: ${answer.status} ${answer.body.slice(0, 200)}`)
    }
  }
  await Promise.all(Array.from({ length: 64 }, one))
  return seen
}

t.test('5,000 fuzzed paths reach nothing but the page, and break nothing', async (t) => {
  const target = await startTarget(t)
  const { personId } = await target.client.ask<{ personId: string }>('GET', '/me')
  const random = numbers(7717)
  const seen = await tryPaths(
    t,
    target,
    Array.from({ length: 5000 }, () => fuzzedPath(random)),
    personId,
  )
  t.comment([...seen].map(([status, count]) => `${status}: ${count}`).join(', '))
  t.equal(
    [...seen.values()].reduce((sum, count) => sum + count, 0),
    5000,
  )
  for (const status of [200, 400, 401, 404]) t.ok((seen.get(status) ?? 0) > 0, `${status} was among them`)
  t.equal((await target.ask('GET', '/health')).status, 200)
})

/** The link of `warren open`, in an answer; two switches. */
const harmless = new Set(['url', 'removeFile', 'files'])

t.test('no request names a file: what Tailchat gave away has no place here', async (t) => {
  const target = await startTarget(t)
  const document = await target.client.ask<{ paths: object; components: object }>('GET', '/openapi.json')
  const names = new Set<string>()
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'properties' && typeof inner === 'object' && inner !== null) {
        for (const name of Object.keys(inner as object)) names.add(name)
      }
      if (key === 'name' && typeof inner === 'string') names.add(inner)
      walk(inner)
    }
  }
  walk(document)
  t.ok(names.has('text') && names.has('id'), 'the walk sees bodies and parameters')
  t.strictSame(
    [...names].filter((name) => /path|file|folder|directory|url$/i.test(name) && !harmless.has(name)),
    [],
  )
})
