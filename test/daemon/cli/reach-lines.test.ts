import { execFileSync } from 'node:child_process'
import t from 'tap'
import { quoted, reachLines } from '../../../daemon/cli/reach-lines.ts'

const loopback = ['/ip4/127.0.0.1/tcp/7718/p2p/12D3Koo', '/ip6/::1/tcp/7718/p2p/12D3Koo']
const lan = '/ip4/192.168.1.7/tcp/7718/p2p/12D3Koo'

t.test('loopback is no way for others, unless it was asked for', async (t) => {
  t.match(reachLines(loopback, {}), [/^No network is up/])
  for (const asked of [{ listen: ['127.0.0.1'] }, { 'announce-loopback': true }])
    t.match(reachLines(loopback, asked), [/127\.0\.0\.1/, /::1/])
  t.strictSame(reachLines([lan], {}), [`Others reach this device at ${lan}`])
  t.strictSame(reachLines([], {}), [], 'a locked home listens for nobody')
})

t.test('a folder of any name is one word for the shell', async (t) => {
  t.equal(quoted('/tmp/a-b_c.d'), '/tmp/a-b_c.d')
  for (const word of ["/tmp/it's here", '/tmp/$HOME `ls` "x"', '/tmp/Größe', '', 'a\nb'])
    t.equal(execFileSync('sh', ['-c', `printf %s ${quoted(word)}`], { encoding: 'utf8' }), word)
})
