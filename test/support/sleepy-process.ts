/** A daemon in a process of its own, put to sleep and woken by its parent's messages: a phone that may be killed. */

import { startDaemon } from '../../daemon/daemon.ts'
import { optionsOf } from './here.ts'
import { ownPort } from './own-port.ts'

const [home = '', name = ''] = process.argv.slice(2)
const ports = { apiPort: await ownPort(), peerPort: await ownPort() }
const daemon = await startDaemon(optionsOf(home, name, ports))

process.on('message', (wish: 'suspend' | 'resume') => {
  const done = wish === 'suspend' ? daemon.suspend() : daemon.resume()
  void done.then(() => process.send?.(wish))
})
process.send?.('ready')
