/** A provider for Apple between two stand-ins, one for each environment. */

import type { Test } from 'tap'
import { openApnsProvider, type ApnsProvider } from '../../../pnserver/push/apns.ts'
import type { PushMessage } from '../../../pnserver/push/provider.ts'
import { openApple, topic } from './apple.ts'
import type { ApnsStandIn } from './apns-stand-in.ts'
import { HandTimers } from './hand-timers.ts'

export const device = new Uint8Array(32).fill(0xab)
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

export interface ApnsRig {
  readonly provider: ApnsProvider
  readonly timers: HandTimers
  /** The server of production, and that of the sandbox, which knows no device yet. */
  readonly apple: ApnsStandIn
  readonly sandbox: ApnsStandIn
}

export interface ApnsRigOptions {
  /** Streams at a time that Apple allows. */
  readonly streams?: number
  /** The clock of Apple is so far ahead. */
  readonly aheadMs?: () => number
}

export const apnsMessage = (change: Partial<PushMessage> = {}): PushMessage => ({
  platform: 'apns',
  environment: 'production',
  topic,
  token: device,
  class: 'message',
  note: new Uint8Array(160).fill(7),
  ...change,
})

/** The note in a payload of what reached a device. */
export function noteIn(payload: unknown): Uint8Array {
  const { note, code } = payload as { note?: string; code?: string }
  return Buffer.from(note ?? code ?? '', 'base64')
}

export async function apnsRig(t: Test, { streams, aheadMs = () => 0 }: ApnsRigOptions = {}): Promise<ApnsRig> {
  const timers = new HandTimers()
  const {
    production: apple,
    sandbox,
    config,
  } = await openApple({
    topics: [topic, 'org.example.other'],
    now: () => timers.now() + aheadMs(),
    ...(streams === undefined ? {} : { streams }),
  })
  apple.devices.set(hex(device), { topics: [topic] })
  const provider = await openApnsProvider(config, { timers, random: () => 1 })
  t.teardown(async () => {
    await provider.close()
    await apple.close()
    await sandbox.close()
  })
  return { provider, timers, apple, sandbox }
}
