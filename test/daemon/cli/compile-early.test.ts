import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const file = new URL('../../../daemon/cli/compile-early.ts', import.meta.url).href

/** What a process says that does this. */
const said = async (program: string): Promise<string> => {
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval']
  const { stdout, stderr } = await run(process.execPath, [...flags, program])
  return stdout + stderr
}

t.test('the V8 of this Node knows what it is told, or is told nothing', async (t) => {
  t.equal(await said(`import { compileEarly } from '${file}'; compileEarly()`), '')
  const unknown = `import { setFlagsFromString } from 'node:v8'; setFlagsFromString('--no-flag-of-this-name')`
  t.match(await said(unknown), 'unrecognized flag', 'a renamed one would be noticed')
})
