/** TCP whose connections are shown to somebody before libp2p reads from them or writes to them. */

import type { MultiaddrConnection, Upgrader } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'

type Tcp = ReturnType<typeof tcp>

/** For createLibp2p(). `dialled` is told of the sockets that this side opened; of others the connection gater is told. */
export function meteredTcp(dialled: (socket: MultiaddrConnection) => void): Tcp {
  return (components) => {
    const transport = tcp()(components)
    const dial = transport.dial.bind(transport)
    transport.dial = async (address, options) => {
      const upgrader: Upgrader = Object.create(options.upgrader, {
        upgradeOutbound: {
          value: async (...[socket, how]: Parameters<Upgrader['upgradeOutbound']>) => {
            dialled(socket)
            return await options.upgrader.upgradeOutbound(socket, how)
          },
        },
      }) as Upgrader
      return await dial(address, { ...options, upgrader })
    }
    return transport
  }
}
