import t from 'tap'
import { commands } from '../../../daemon/cli/commands.ts'
import { manual, overview } from '../../../daemon/cli/help.ts'
import { runLine } from '../../support/warren-process.ts'

async function output(...words: string[]): Promise<{ code: number | null; text: string }> {
  const { code, stdout, stderr } = await runLine(words)
  return { code, text: stdout + stderr }
}

for (const [name, load] of Object.entries(commands)) {
  t.test(`warren ${name} --help is a manual page`, async (t) => {
    const { command } = await load()
    t.equal(command.name, name)
    const page = await output(name, '--help')
    t.strictSame(page, { code: 0, text: `${manual(command)}\n` })
    t.strictSame(page.text.match(/^[A-Z][A-Z ]+$/gm), [
      'NAME',
      'SYNOPSIS',
      'DESCRIPTION',
      'OPTIONS',
      'EXAMPLES',
      'EXIT STATUS',
    ])
    for (const option of ['home', 'json', 'help', ...Object.keys(command.options ?? {})])
      t.match(page.text, `    --${option}`)
    t.ok(command.examples.length > 0)
    t.strictSame(
      page.text
        .split('EXAMPLES')[0]
        ?.split('\n')
        .filter((line) => line.length > 100 && line.includes(' ', 6)),
      [],
    )
    for (const [line] of command.examples) t.match(line, new RegExp(`warren ${name}`))
  })
}

t.test('warren --help names every command, warren --version the version', async (t) => {
  const all = await Promise.all(Object.values(commands).map(async (load) => (await load()).command))
  t.strictSame(await output('--help'), { code: 0, text: `${overview(all)}\n` })
  const { text } = await output('help')
  for (const { name, summary } of all) t.match(text, new RegExp(`^ +${name}( .*)?\\s+${summary}$`, 'm'))
  t.strictSame(
    text.split('\n').filter((line) => line.length > 100),
    [],
  )
  t.match((await output('--version')).text, /^warren \d+\.\d+\.\d+\n$/)
})
