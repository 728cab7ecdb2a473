import t from 'tap'
import { findViolations, named, readImports, roomOf } from './arrows.ts'
import { readFolder, type SourceFile } from './source-files.ts'

const isCode = ({ path }: SourceFile): boolean => path.endsWith('.ts')
const files = (['protocol', 'daemon', 'ui', 'pnserver'] as const).flatMap((folder) => readFolder(folder).filter(isCode))

const isThere = (room: string): boolean => files.some(({ path }) => path === room || path.startsWith(`${room}/`))

t.test('rooms import only downwards', async (t) => {
  t.ok(files.length > 100, 'the files were found')
  t.ok(files.filter(({ text }) => readImports(text).length > 0).length > 80, 'and their imports')
  t.strictSame(findViolations(files), [])
})

t.test('a rule is about what is there', async (t) => {
  t.strictSame(
    named.filter((room) => !isThere(room)),
    [],
  )
  t.notOk(isThere('daemon/hous'))
})

t.test('every relative import was understood', async (t) => {
  for (const { path, text } of files) {
    const written = text.match(/(?:from|import\() ?'\.{1,2}\//g)?.length ?? 0
    const understood = readImports(text).filter(({ from }) => from.startsWith('.')).length
    t.ok(understood >= written, `${path}: ${understood} of ${written}`)
  }
})

t.test('a planted import in the wrong direction is found', async (t) => {
  const planted: [path: string, text: string][] = [
    ['protocol/ids.ts', "import { createLog } from '../daemon/log.ts'"],
    ['protocol/ids.ts', "import { readFileSync } from 'node:fs'"],
    ['daemon/store/keys.ts', "import type { Contacts } from '../contacts/contacts.ts'"],
    ['daemon/contacts/contacts.ts', "import { x } from '../conversations/conversations.ts'"],
    ['daemon/conversations/post.ts', "import {\n  a,\n  b,\n} from '../api/api.ts'"],
    ['daemon/sync/session.ts', "export { Net } from '../net/net.ts'"],
    ['daemon/sync/session.ts', "const net = await import('../net/net.ts')"],
    ['daemon/net/net.ts', "import type { Log } from '../log.ts'"],
    ['daemon/api/app.ts', "import { openStore } from '../store/level-store.ts'"],
    ['daemon/api/app.ts', "import '../daemon.ts'"],
    ['daemon/cli/main.ts', "import { limits } from '../../protocol/limits.ts'"],
    ['daemon/cli/main.ts', "import { createApi } from '../api/api.ts'"],
    ['daemon/log.ts', "import { Bus } from './bus.ts'"],
    ['daemon/daemon.ts', "import { runCli } from './cli/run-cli.ts'"],
    ['daemon/contacts/contacts.ts', "import { Level } from 'level'"],
    ['daemon/sync/session.ts', "import { tcp } from '@libp2p/tcp'"],
    ['daemon/owner/owner.ts', "import { z } from '@hono/zod-openapi'"],
    ['ui/main.ts', "import { limits } from '../protocol/limits.ts'"],
    ['ui/main.ts', "import { Bus } from '../daemon/bus.ts'"],
    ['ui/main.ts', "import { join } from 'node:path'"],
    ['pnserver/pnserver.ts', "import { limits } from '../protocol/limits.ts'"],
    ['pnserver/server/app.ts', "import { createLog } from '../../daemon/log.ts'"],
    ['pnserver/push/apns.ts', "import { Level } from 'level'"],
    ['daemon/helpers/x.ts', ''],
  ]
  for (const [path, text] of planted) t.equal(findViolations([{ path, text }]).length, 1, `${path}: ${text}`)
})

t.test('what the table allows is allowed', async (t) => {
  const fine: [path: string, text: string][] = [
    ['daemon/contacts/contacts.ts', "import { tables } from '../store/store.ts'\nimport type { Bus } from '../bus.ts'"],
    ['daemon/cli/main.ts', "import type { Me } from '../../protocol/http.ts'\nimport { WebSocket } from 'ws'"],
    ['ui/main.ts', "import type { Me } from '../protocol/http.ts'\nimport { html } from 'lit'\nimport './a.ts'"],
    ['pnserver/pnserver.ts', "import { wake } from '../protocol/wake.ts'\nimport { createServer } from 'node:http'"],
    ['pnserver/server/app.ts', "import { Hono } from 'hono'\nimport type { A } from '../push/provider.ts'"],
    ['daemon/daemon.ts', "import { Net } from './net/net.ts'"],
    ['daemon/log.ts', "// import { Bus } from './bus.ts'\n/** from '../daemon.ts' */"],
  ]
  for (const [path, text] of fine) t.strictSame(findViolations([{ path, text }]), [])
  t.equal(roomOf('daemon/storefront.ts'), undefined)
})
