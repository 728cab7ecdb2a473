import { spawnSync } from 'node:child_process'
import t from 'tap'
import { badNames, leftOutTests, machinePaths, purposeless, vagueNames } from './habits.ts'
import { folders, readFolder, readTop, type SourceFile } from './source-files.ts'

const files = [...folders.flatMap((folder) => readFolder(folder)), ...readTop()]
const paths = files.map(({ path }) => path)
const tests = files.filter(({ path }) => path.startsWith('test/'))
const product = files.filter(
  ({ path }) => /^(?:protocol|daemon|ui|pnserver)\/.*\.ts$/.test(path) && !path.endsWith('.d.ts'),
)

t.test('files have kebab-case names that say something', async (t) => {
  t.strictSame(badNames(paths), [])
  t.strictSame(vagueNames(paths), [])
  t.strictSame(badNames(['daemon/Api/a.ts', 'ui/warrenApp.ts', 'ui/a_b.ts', 'ok/a-b.test.ts']).length, 3)
  t.strictSame(vagueNames(['daemon/utils.ts', 'ui/index.ts', 'ui/index.html', 'daemon/api/index-file.ts']).length, 2)
})

t.test('no file names a place on one machine', async (t) => {
  t.strictSame(machinePaths(files), [])
  const planted = ['/work', '/root', '/Users', '/home'].map((folder) => `see ${folder}/somebody/x`)
  t.equal(machinePaths(planted.map((text) => ({ path: 'x', text }))).length, planted.length)
})

t.test('no test is left out, alone, or put off', async (t) => {
  t.strictSame(leftOutTests(tests), [])
  const planted: SourceFile[] = ['only', 'skip', 'todo'].flatMap((word) => [
    { path: word, text: `t.${word}('x', async () => {})` },
    { path: word, text: `t.test('x', { ${word}: true }, async () => {})` },
  ])
  t.equal(leftOutTests(planted).length, planted.length)
})

t.test('every file of the product opens with its purpose', async (t) => {
  t.strictSame(purposeless(product), [])
  t.equal(purposeless([{ path: 'x', text: "import a from 'b'\n/** late */" }]).length, 1)
})

/** What tap writes for a good test, and for each kind of bad one that it lets pass. */
const written = `TAP version 14
# Subtest: test/a.test.ts
    # Subtest: empty
        1..0
    ok 1 - empty # time=35.563ms
    
    ok 2 - later # TODO
    # Subtest: outer
        # Subtest: inner
            1..0
        ok 1 - inner # time=0.382ms
        
        ok 2 - should be equal
        1..2
    ok 3 - outer # time=21.692ms
    
    ok 4 - not here # SKIP no browser
    1..4
ok 1 - test/a.test.ts # time=74.452ms

# Subtest: test/b.test.ts
    1..0 # no tests found
ok 2 - test/b.test.ts # SKIP no tests found

1..2
# { total: 8, pass: 5, todo: 1, skip: 2 }
`

t.test('the test summary fails what tap lets pass', async (t) => {
  const code = `import { readTap } from './scripts/read-tap.ts'
    import { readFileSync } from 'node:fs'
    process.stdout.write(JSON.stringify(readTap(readFileSync(0, 'utf8'))))`
  const read = (input: string): unknown => {
    const cwd = new URL('../..', import.meta.url)
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
      cwd,
      input,
      encoding: 'utf8',
    })
    return JSON.parse(stdout)
  }
  t.strictSame(read(written), {
    passed: 5,
    failed: 4,
    failures: [],
    complaints: [
      'asserts nothing: test/a.test.ts > empty',
      'todo: test/a.test.ts > later',
      'asserts nothing: test/a.test.ts > outer > inner',
      'asserts nothing: test/b.test.ts',
    ],
    skipped: ['test/a.test.ts > not here (no browser)'],
  })
  const good = '# Subtest: a\n    ok 1 - x\n    1..1\nok 1 - a\n# { total: 1, pass: 1 }\n'
  t.strictSame(read(good), { passed: 1, failed: 0, failures: [], complaints: [], skipped: [] })
  const bad =
    '# Subtest: a\n    not ok 1 - x\n      ---\n      ...\n    1..1\nnot ok 1 - a # time=1ms\n# { total: 1, fail: 1 }\n'
  t.strictSame(read(bad), { passed: 0, failed: 1, failures: ['a > x'], complaints: [], skipped: [] })
})
