/** How this device is woken, of an owner in memory: `https://push.example` is the one push server that there is. */

import type { OwnPushServer } from '../../daemon/api/owner.ts'
import { WarrenError } from '../../protocol/errors.ts'
import type { PushServerSettings } from '../../protocol/http-push-server.ts'
import { readPushServer } from '../../protocol/push-server.ts'

export class FakePushServer implements OwnPushServer {
  now: PushServerSettings = { server: '', state: 'off', wakers: 0, groups: 0, groupsWithout: 0, former: [] }

  settings(): PushServerSettings {
    return this.now
  }

  async use(server: string | undefined): Promise<void> {
    if (server !== undefined && readPushServer(server).host !== 'push.example')
      throw new WarrenError('HOST_NOT_FOUND', 'the push server cannot be reached')
    this.now =
      server === undefined
        ? { server: '', state: 'off', wakers: 0, groups: 0, groupsWithout: 0, former: [] }
        : { server, state: 'unregistered', wakers: 0, groups: 0, groupsWithout: 0, former: [] }
  }
}
