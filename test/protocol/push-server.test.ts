/** How push servers are named: one way for one place. */

import t from 'tap'
import { readPushServer } from '../../protocol/push-server.ts'

t.test('a push server is named by its origin', async (t) => {
  t.strictSame(readPushServer('https://push.example.org'), {
    origin: 'https://push.example.org',
    isSecure: true,
    host: 'push.example.org',
    isAddress: false,
    port: 443,
  })
  t.match(readPushServer('http://100.64.0.7:7719'), {
    isSecure: false,
    host: '100.64.0.7',
    isAddress: true,
    port: 7719,
  })
  t.match(readPushServer('https://[fd00::1]:8443'), { host: 'fd00::1', isAddress: true, port: 8443 })
  t.match(readPushServer('http://10.0.0.1'), { port: 80 })
  for (const name of ['https://x', 'https://a-b.c1.example', `https://${'a.'.repeat(120)}example`])
    t.match(readPushServer(name), { origin: name })
})

t.test('everything else is refused', async (t) => {
  const wrong = [
    '',
    'push.example.org',
    'ftp://push.example.org',
    'http://push.example.org',
    'https://push.example.org/',
    'https://push.example.org/v1',
    'https://push.example.org?x',
    'https://push.example.org#x',
    'https://me@push.example.org',
    'https://me:secret@push.example.org',
    'https://PUSH.example.org',
    'https://push.example.org:443',
    'http://10.0.0.1:80',
    'https://push.example.org:0',
    'https://push.example.org:65536',
    'https://push.example.org:',
    'https://push..example.org',
    'https://-push.example.org',
    'https://push.example.org.',
    'http://127.1',
    'http://0x7f.0.0.1',
    'http://2130706433',
    'http://010.0.0.1',
    'http://256.0.0.1',
    'https://0x7f000001',
    'https://1.2.3',
    'http://[::1%25eth0]:1',
    'https://push.example.org\\@169.254.169.254',
    'https://push.example.org\t',
    'https://pu\u{2025}sh.example',
    `https://${'a.'.repeat(130)}example`,
  ]
  for (const each of wrong) t.throws(() => readPushServer(each), { code: 'BAD_SHAPE' }, each)
})
