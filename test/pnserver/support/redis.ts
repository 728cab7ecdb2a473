/** A Redis of the test's own: on a free port of loopback, without persistence, gone at the end. */

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'

const program = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'].find((path) => existsSync(path))

/** Why these tests cannot run here, or false. A machine that is there to check everything has to have it. */
export const cannotRun: string | false =
  program === undefined && process.env['CI'] !== 'true' ? 'needs redis-server' : false

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

async function isReady(redis: ChildProcess): Promise<boolean> {
  if (redis.stdout === null) return false
  for await (const line of createInterface({ input: redis.stdout })) {
    if (line.includes('Ready to accept connections')) return true
  }
  return false
}

export interface RunningRedis {
  readonly url: string
  stop(): Promise<void>
}

/** Another program may take the free port first: then the next one is tried. */
export async function startRedis(t: Test): Promise<RunningRedis> {
  if (program === undefined) throw new Error('redis-server is not installed')
  for (let tries = 0; tries < 10; tries += 1) {
    const port = await freePort()
    const words = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      t.testdir(),
    ]
    const redis = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(redis, 'exit')
    const stop = async (): Promise<void> => {
      redis.kill()
      await ended
    }
    t.teardown(stop)
    if (await isReady(redis)) {
      redis.stdout.resume()
      return { url: `redis://127.0.0.1:${port}`, stop }
    }
  }
  throw new Error('no Redis could be started')
}
