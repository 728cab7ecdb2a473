/** A program that is a Net and nothing else: told what to do and telling what happens in JSON lines. */

import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { Net } from '../../daemon/net/net.ts'
import type { Times } from '../../daemon/net/times.ts'
import { errorCode } from '../../protocol/errors.ts'
import { personIdOf, type DeviceId } from '../../protocol/ids.ts'

/** The one argument, as JSON. */
export interface NodeOptions {
  /** Hex. */
  readonly seed: string
  readonly wants: readonly DeviceId[]
  readonly listen: readonly string[]
  readonly port: number
  readonly mdns: boolean
  readonly times?: Partial<Times>
}

/** One line on stdin. */
export type NodeCommand =
  | { readonly do: 'keep'; readonly devices: readonly DeviceId[] }
  | { readonly do: 'learn'; readonly device: DeviceId; readonly addresses: readonly string[] }
  | { readonly do: 'look'; readonly address: string }
  | { readonly do: 'stop' }

/** One line on stdout; `at` is epoch milliseconds with a fraction. */
export type NodeEvent = { readonly at: number } & (
  | {
      readonly is: 'ready'
      readonly device: DeviceId
      readonly listening: readonly string[]
      readonly tailnet: boolean
    }
  | { readonly is: 'link'; readonly device: DeviceId; readonly address: string; readonly count: number }
  | { readonly is: 'ended'; readonly device: DeviceId; readonly count: number }
  | { readonly is: 'seen'; readonly device: DeviceId; readonly source: string; readonly addresses: readonly string[] }
  | { readonly is: 'network'; readonly addresses: readonly string[] }
  | { readonly is: 'looked'; readonly address: string; readonly result: string; readonly ms: number }
)

type Plain<T> = T extends unknown ? Omit<T, 'at'> : never

const options = JSON.parse(process.argv[2] ?? '{}') as NodeOptions
const wants = new Set(options.wants)
const person = personIdOf(randomBytes(32))

function tell(event: Plain<NodeEvent>): void {
  process.stdout.write(`${JSON.stringify({ at: performance.timeOrigin + performance.now(), ...event })}\n`)
}

const net: Net = new Net(
  {
    seed: Buffer.from(options.seed, 'hex'),
    greeter: {
      hello: ({ device }) => ({
        person,
        wish: wants.has(device) ? { is: 'contact', note: '', number: 1 } : { is: 'nothing' },
        name: 'node',
        proof: [],
      }),
      heard: ({ device }, { wish }) => (wish.is === 'contact' && wants.has(device) ? 'link' : 'stranger'),
    },
    addressStore: { load: () => Promise.resolve([]), save: () => Promise.resolve() },
    listener: {
      link: (link) => {
        const { device, address } = link
        tell({ is: 'link', device, address, count: net.links().length })
        link.closed.addEventListener('abort', () => tell({ is: 'ended', device, count: net.links().length }))
        void readAll(link.frames)
      },
      seen: ({ device, source, addresses }) => tell({ is: 'seen', device, source, addresses }),
      gone: () => undefined,
      mismatched: () => undefined,
      matched: () => undefined,
      duplicate: () => undefined,
      blob: (talk) => talk.end(),
      talk: (talk) => talk.end(),
      networkChanged: () => tell({ is: 'network', addresses: net.network().addresses.map(({ text }) => text) }),
    },
    log: () => undefined,
    now: Date.now,
    random: (length) => randomBytes(length),
  },
  { ...options },
)

async function readAll(frames: AsyncIterable<unknown>): Promise<void> {
  for await (const frame of frames) void frame
}

async function look(address: string): Promise<void> {
  const start = performance.now()
  const result = await net.look(address, AbortSignal.timeout(60_000)).then(({ device }) => device as string, errorCode)
  tell({ is: 'looked', address, result, ms: performance.now() - start })
}

async function obey(command: NodeCommand): Promise<void> {
  switch (command.do) {
    case 'keep':
      return net.keep(command.devices)
    case 'learn':
      return net.learn(command.device, command.addresses, 'manual')
    case 'look':
      return await look(command.address)
    case 'stop':
      await net.stop()
      process.stdin.destroy()
  }
}

net.keep(options.wants)
await net.start()
tell({ is: 'ready', device: net.device, listening: net.listening(), tailnet: net.network().tailnet })
const commands = createInterface({ input: process.stdin })
commands.on('line', (line) => void obey(JSON.parse(line) as NodeCommand))
commands.on('close', () => void net.stop())
