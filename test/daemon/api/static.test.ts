import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readStatic } from '../../../daemon/api/static.ts'
import { runApi, shortFolder } from '../../support/running-api.ts'

function build(folder: string): string {
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<!doctype html>warren')
  writeFileSync(join(folder, 'assets', 'index-abc.js'), 'export {}')
  writeFileSync(join(folder, 'icon.svg'), '<svg/>')
  symlinkSync('/etc/hostname', join(folder, 'link.txt'))
  return folder
}

t.test('the page is served from memory, to anybody, with types and etags', async (t) => {
  const { ask } = await runApi(t, { files: readStatic(build(shortFolder(t))) })
  const page = await ask('GET', '//')
  t.equal(page.text, '<!doctype html>warren')
  t.match(page.headers, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  })
  const script = await ask('GET', '//assets/index-abc.js')
  t.match(script.headers, {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
  })
  const again = await ask('GET', '//', { headers: { 'if-none-match': page.headers.etag } })
  t.equal(again.status, 304)
  t.equal(again.text, '')
})

t.test('what was not built is not there, links to elsewhere included', async (t) => {
  const { ask } = await runApi(t, { files: readStatic(build(shortFolder(t))) })
  for (const path of [
    '//link.txt',
    '//assets',
    '//assets/',
    '//../package.json',
    '//%2e%2e/package.json',
    '//assets%2findex-abc.js',
    '//toString',
  ]) {
    t.match((await ask('GET', path)).body, { error: { code: 'NOT_FOUND' } }, path)
  }
})

t.test('without a built page the answer says what to do', async (t) => {
  const { ask } = await runApi(t, { files: readStatic(join(shortFolder(t), 'none')) })
  t.match((await ask('GET', '//')).body, { error: { code: 'NOT_FOUND', message: /make build/ } })
})
