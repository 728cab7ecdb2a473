/** The licence texts that go along with a package: its own files, else the wording of its licence with its authors' names. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface Manifest {
  readonly license?: string
  readonly author?: string | { readonly name?: string }
  readonly contributors?: readonly (string | { readonly name?: string })[]
}

const mit = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR
IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

const bsd3 = `Redistribution and use in source and binary forms, with or without modification, are permitted provided that the following
conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
   disclaimer in the documentation and/or other materials provided with the distribution.
3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote products derived
   from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING,
BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE DISCLAIMED. IN NO EVENT
SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS
INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE
OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.`

const wordings: Readonly<Record<string, string>> = { MIT: mit, 'BSD-3-Clause': bsd3 }

const nameOf = (person: string | { readonly name?: string } | undefined): string =>
  typeof person === 'string' ? person.replace(/\s*[<(].*$/, '') : (person?.name ?? '')

const fileName = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i
/** Of two licences to choose from the text of the other need not go along. */
const named = /^licen[cs]e-(?<licence>mit|apache|apache2|bsd)(?:\..*)?$/i

function ownTexts(folder: string, chosen: readonly string[]): string[] {
  const names = readdirSync(folder).filter((name) => fileName.test(name))
  const wanted = names.filter((name) => {
    const licence = named.exec(name)?.groups?.['licence']?.toLowerCase()
    return licence === undefined || chosen.some((each) => each.toLowerCase().startsWith(licence.slice(0, 3)))
  })
  return (wanted.length > 0 ? wanted : names).toSorted().map((name) => readFileSync(join(folder, name), 'utf8').trim())
}

/** One text or several; undefined where there is none and its wording is not known here either. */
export function licenceText(folder: string, name: string, chosen: readonly string[]): string | undefined {
  const own = ownTexts(folder, chosen)
  if (own.length > 0) return own.join('\n\n')
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
  const people = [manifest.author, ...(manifest.contributors ?? [])]
    .map((each) => nameOf(each))
    .filter((each) => each !== '')
  const holders = people.length > 0 ? people.join(', ') : `the authors of ${name}`
  const texts = chosen.map((each) => wordings[each])
  return texts.includes(undefined) ? undefined : [`Copyright (c) ${holders}`, ...texts].join('\n\n')
}

export const isInstalled = (folder: string): boolean => existsSync(join(folder, 'package.json'))
