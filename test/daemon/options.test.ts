import { join } from 'node:path'
import t from 'tap'
import { chooseHome, defaultPorts, programVersion, readStartFlags, type Surroundings } from '../../daemon/options.ts'

const around = (platform: NodeJS.Platform, env: Record<string, string> = {}): Surroundings => ({
  env,
  platform,
  homeFolder: '/home/alice',
  workingFolder: '/srv',
})

t.test('the home: the flag, then WARREN_HOME, then what the platform says', async (t) => {
  const linux = around('linux', { WARREN_HOME: '/w', XDG_DATA_HOME: '/x' })
  t.equal(chooseHome('/flag', linux), '/flag')
  t.equal(chooseHome('relative', linux), '/srv/relative')
  t.equal(chooseHome(undefined, linux), '/w')
  t.equal(chooseHome(undefined, around('linux', { WARREN_HOME: '' })), '/home/alice/.local/share/warren')
  t.equal(chooseHome(undefined, around('linux', { XDG_DATA_HOME: '/x' })), '/x/warren')
  t.equal(
    chooseHome(undefined, around('freebsd', { XDG_DATA_HOME: 'not/absolute' })),
    '/home/alice/.local/share/warren',
  )
  t.equal(
    chooseHome(undefined, around('darwin', { XDG_DATA_HOME: '/x' })),
    '/home/alice/Library/Application Support/Warren',
  )
  t.equal(chooseHome(undefined, around('win32', { APPDATA: '/appdata' })), join('/appdata', 'Warren'))
})

t.test('flags have defaults', async (t) => {
  const options = readStartFlags({}, around('linux'))
  t.match(options, {
    apiPort: defaultPorts.api,
    peerPort: defaultPorts.peer,
    listen: [],
    mdns: true,
    announceLoopback: false,
    anyUser: false,
    logLevel: 'warn',
    logFileLevel: 'info',
    version: programVersion(),
  })
  t.notOk('name' in options)
})

t.test('flags are read', async (t) => {
  const flags = {
    name: 'Bob',
    'api-port': '0',
    'peer-port': '65535',
    listen: ['10.0.0.1', '[fd00::1]', '/ip4/10.0.0.2/tcp/9'],
    'no-mdns': true,
    'log-level': 'debug',
  }
  t.match(readStartFlags(flags, around('linux')), {
    name: 'Bob',
    apiPort: 0,
    peerPort: 65_535,
    listen: ['10.0.0.1', 'fd00::1', '/ip4/10.0.0.2/tcp/9'],
    mdns: false,
    logLevel: 'debug',
  })
})

const levelsOf = (flag: string | undefined, variable: string | undefined): unknown => {
  const env: Record<string, string> = variable === undefined ? {} : { WARREN_LOG_LEVEL: variable }
  const flags = flag === undefined ? {} : { 'log-level': flag }
  const { logLevel, logFileLevel } = readStartFlags(flags, around('linux', env))
  return [logLevel, logFileLevel]
}

t.test('the level of both logs: the flag, then WARREN_LOG_LEVEL', async (t) => {
  t.strictSame(levelsOf('error', 'debug'), ['error', 'error'])
  t.strictSame(levelsOf(undefined, 'debug'), ['debug', 'debug'])
  t.strictSame(levelsOf(undefined, ''), ['warn', 'info'])
  t.throws(() => levelsOf(undefined, 'loud'), { code: 'BAD_SHAPE', message: /^WARREN_LOG_LEVEL is debug/ })
  t.throws(() => levelsOf('', 'debug'), { code: 'BAD_SHAPE', message: /^--log-level is debug/ })
})

t.test('wrong flags are named', async (t) => {
  for (const flags of [
    { 'api-port': '65536' },
    { 'api-port': '-1' },
    { 'api-port': '' },
    { 'peer-port': '1e3' },
    { listen: ['bob.example'] },
    { 'log-level': 'loud' },
    { name: ' ' },
    { name: 'x'.repeat(65) },
  ]) {
    t.throws(() => readStartFlags(flags, around('linux')), {
      code: 'BAD_SHAPE',
      message: new RegExp(`--${Object.keys(flags)[0]}`),
    })
  }
})

t.test('how large a file may be', async (t) => {
  const linux = around('linux')
  t.equal(readStartFlags({}, linux).fileBytes, undefined)
  t.equal(readStartFlags({ 'max-file': '1' }, linux).fileBytes, 1_048_576)
  t.equal(readStartFlags({ 'max-file': '1048576' }, linux).fileBytes, 2 ** 40)
  for (const bad of ['0', '1048577', '1e3', '-1', '1.5', '', '100M'])
    t.throws(() => readStartFlags({ 'max-file': bad }, linux), { code: 'BAD_SHAPE', message: /--max-file/ }, bad)
})

t.test('a served socket has an https origin, and nothing else has', async (t) => {
  const linux = around('linux')
  const origin = 'https://laptop.tail1234.ts.net'
  t.notOk('serve' in readStartFlags({}, linux))
  t.strictSame(readStartFlags({ 'serve-socket': 'w.sock', 'serve-origin': origin }, linux).serve, {
    socket: '/srv/w.sock',
    origin,
  })
  t.throws(() => readStartFlags({ 'serve-socket': '/w.sock' }, linux), { code: 'BAD_SHAPE' })
  t.throws(() => readStartFlags({ 'serve-origin': origin }, linux), { code: 'BAD_SHAPE' })
  for (const bad of [
    'http://laptop',
    `${origin}/`,
    `${origin}:443`,
    'https://LAPTOP',
    'laptop',
    'https://',
    'https://a@b',
  ]) {
    t.throws(
      () => readStartFlags({ 'serve-socket': '/w.sock', 'serve-origin': bad }, linux),
      { code: 'BAD_SHAPE' },
      bad,
    )
  }
})
