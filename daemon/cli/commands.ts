/** Every command by name; each is loaded when it is called. */

import type { Command } from './command.ts'

export const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  start: async () => await import('./commands/start.ts'),
  stop: async () => await import('./commands/stop.ts'),
  status: async () => await import('./commands/status.ts'),
  open: async () => await import('./commands/open.ts'),
  id: async () => await import('./commands/id.ts'),
  name: async () => await import('./commands/name.ts'),
  peers: async () => await import('./commands/peers.ts'),
  add: async () => await import('./commands/add.ts'),
  contacts: async () => await import('./commands/contacts.ts'),
  ask: async () => await import('./commands/ask.ts'),
  remove: async () => await import('./commands/remove.ts'),
  accept: async () => await import('./commands/accept.ts'),
  decline: async () => await import('./commands/decline.ts'),
  block: async () => await import('./commands/block.ts'),
  verify: async () => await import('./commands/verify.ts'),
  unblock: async () => await import('./commands/unblock.ts'),
  send: async () => await import('./commands/send.ts'),
  delete: async () => await import('./commands/delete.ts'),
  export: async () => await import('./commands/export.ts'),
  'check-export': async () => await import('./commands/check-export.ts'),
  log: async () => await import('./commands/log.ts'),
  logs: async () => await import('./commands/logs.ts'),
  doctor: async () => await import('./commands/doctor.ts'),
  events: async () => await import('./commands/events.ts'),
  sessions: async () => await import('./commands/sessions.ts'),
  lock: async () => await import('./commands/lock.ts'),
  unlock: async () => await import('./commands/unlock.ts'),
  'key-slots': async () => await import('./commands/key-slots.ts'),
}
