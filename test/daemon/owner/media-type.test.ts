import t from 'tap'
import { boundedFileName, fileName, mediaType } from '../../../daemon/owner/file-name.ts'
import { mediaOf } from '../../../daemon/owner/media-type.ts'
import * as sample from '../../support/sample-files.ts'

t.test('pictures are known by their first bytes, and how large they are', async (t) => {
  for (const [type, head] of [
    ['image/png', sample.pngHead(640, 480)],
    ['image/jpeg', sample.jpegHead(640, 480)],
    ['image/jpeg', sample.jpegHead(640, 480, 3)],
    ['image/gif', sample.gifHead(640, 480)],
    ['image/webp', sample.webpHead(640, 480)],
    ['image/avif', sample.avifHead(640, 480)],
  ] as const)
    t.strictSame(mediaOf(head), { shows: 'picture', type, size: { width: 640, height: 480 } }, type)
  t.match(mediaOf(sample.jpegHead(640, 480, 6)), { size: { width: 480, height: 640 } }, 'held upright')
  t.strictSame(mediaOf(sample.pngHead(640, 480).subarray(0, 20)), { shows: 'picture', type: 'image/png' }, 'cut short')
  t.strictSame(mediaOf(sample.pngHead(0, 480)), { shows: 'picture', type: 'image/png' }, 'of no width')
})

t.test('sound and film are', async (t) => {
  t.match(mediaOf(sample.mp4Head()), { shows: 'video', type: 'video/mp4' })
  t.match(mediaOf(sample.webmHead), { shows: 'video', type: 'video/webm' })
  t.match(mediaOf(sample.mp4Head('M4A ')), { shows: 'audio', type: 'audio/mp4' })
  t.match(mediaOf(sample.mp3Head), { shows: 'audio', type: 'audio/mpeg' })
  t.match(mediaOf(sample.oggHead), { shows: 'audio', type: 'audio/ogg' })
  t.match(mediaOf(sample.wavOf(1)), { shows: 'audio', type: 'audio/wav' })
})

t.test('nothing else is, whatever it is called', async (t) => {
  for (const [name, bytes] of Object.entries(sample.dangerous)) t.equal(mediaOf(bytes), undefined, name)
})

t.test('no head of any bytes throws', async (t) => {
  const heads = [sample.jpegHead(9, 9, 6), sample.avifHead(9, 9), sample.webpHead(9, 9), sample.pngHead(9, 9)]
  let looked = 0
  for (const head of heads)
    for (let at = 0; at < head.length; at += 1)
      for (const value of [0, 1, 0x7f, 0xff]) {
        const changed = Buffer.from(head)
        changed[at] = value
        for (const end of [head.length, at + 1]) {
          mediaOf(changed.subarray(0, end))
          looked += 1
        }
      }
  t.ok(looked > 500)
})

t.test('a name is one line, and no path', async (t) => {
  for (const [name, shown] of [
    ['plan.pdf', 'plan.pdf'],
    ['/etc/passwd', 'passwd'],
    ['..\\..\\boot.ini', 'boot.ini'],
    ['..', ''],
    ['a/', ''],
    ['photo\u202egnp.exe', 'photognp.exe'],
    ['two\nlines.txt', 'two lines.txt'],
    ['\u0000.sh', '.sh'],
  ] as const)
    t.equal(fileName(name), shown, JSON.stringify(name))
  const long = boundedFileName(`${'ä'.repeat(300)}.jpeg`)
  t.ok(long.endsWith('.jpeg'))
  t.equal(Buffer.byteLength(long), 255)
})

t.test('a media type is one, or bytes', async (t) => {
  t.equal(mediaType('Text/Plain; charset=utf-8'), 'text/plain')
  t.equal(mediaType('image/svg+xml'), 'image/svg+xml')
  for (const wrong of ['', 'picture', 'a/b c', 'text/html\r\nx: y', '/'])
    t.equal(mediaType(wrong), 'application/octet-stream')
})
