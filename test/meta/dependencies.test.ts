import { readFileSync } from 'node:fs'
import t from 'tap'
import { inexact, unpinned, type LockFile, type Manifest } from './dependencies.ts'

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8'))

t.test('package.json names exact versions', async (t) => {
  t.strictSame(inexact(read('package.json') as Manifest), [])
  for (const range of [
    '^1.2.3',
    '~1.2.3',
    '1.x',
    '*',
    '',
    'latest',
    '>=1',
    'npm:other@^1',
    'file:../x',
    'github:a/b',
  ]) {
    t.strictSame(inexact({ devDependencies: { one: range } }), ['one'], range)
  }
  for (const exact of ['1.2.3', '1.2.3-beta.1', 'npm:@scope/other@1.2.3']) {
    t.strictSame(inexact({ optionalDependencies: { one: exact } }), [], exact)
  }
})

t.test('one package has an install script, and it is denied', async (t) => {
  const { packages } = read('package-lock.json') as { packages: Record<string, { hasInstallScript?: boolean }> }
  const having = Object.keys(packages).filter((path) => packages[path]?.hasInstallScript === true)
  t.strictSame(having, ['node_modules/classic-level'])
  t.match(read('package.json'), { allowScripts: { 'classic-level': false } })
})

t.test('the lock file pins every package by its hash, and says what package.json says', async (t) => {
  const manifest = read('package.json') as Manifest
  const lock = read('package-lock.json') as LockFile
  t.ok(Object.keys(lock.packages).length > 300)
  t.strictSame(unpinned(lock, manifest), [])
  const packages = { '': { ...manifest }, 'node_modules/one': { version: '1.0.0' } }
  t.strictSame(unpinned({ packages }, manifest), ['node_modules/one has no integrity'])
  const elsewhere = { version: '1.0.0', integrity: 'sha512-x', resolved: 'https://elsewhere.example/one.tgz' }
  t.strictSame(unpinned({ packages: { '': { ...manifest }, 'node_modules/one': elsewhere } }, manifest), [
    'node_modules/one comes from elsewhere.example',
  ])
  t.strictSame(unpinned({ packages: { '': {} } }, { dependencies: { one: '1.0.0' } }), [
    'dependencies differ from package.json',
  ])
})
