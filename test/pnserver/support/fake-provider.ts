/** A push service that keeps what it is given, and answers as it is told. */

import type { PushMessage, PushOutcome, PushProvider } from '../../../pnserver/push/provider.ts'
import type { PushPlatform, PushTarget } from '../../../protocol/wake.ts'

export class FakeProvider implements PushProvider {
  readonly platform: PushPlatform
  readonly sent: PushMessage[] = []
  answer: (message: PushMessage) => PushOutcome | Promise<PushOutcome> = () => ({ is: 'delivered' })
  readonly #arrivals: ((message: PushMessage) => void)[] = []

  constructor(platform: PushPlatform = 'apns') {
    this.platform = platform
  }

  accepts({ topic }: PushTarget): boolean {
    return topic === (this.platform === 'apns' ? 'org.example.warren' : '')
  }

  async send(message: PushMessage): Promise<PushOutcome> {
    this.sent.push(message)
    this.#arrivals.shift()?.(message)
    return await this.answer(message)
  }

  /** The next one that comes; asked for before it is caused. */
  async next(): Promise<PushMessage> {
    return await new Promise((resolve) => this.#arrivals.push(resolve))
  }

  /** Without codes. */
  get wakes(): PushMessage[] {
    return this.sent.filter((each) => each.class !== 'verify')
  }

  async close(): Promise<void> {
    this.#arrivals.length = 0
  }
}
