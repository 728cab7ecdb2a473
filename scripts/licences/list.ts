/** What Warren ships of others, under which licences, and what speaks against it. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chosenLicences } from './allowed.ts'
import { importedPackages, shippedPackages, type LockedPackages, type ShippedPackage } from './packages.ts'
import { isInstalled, licenceText } from './texts.ts'

interface Manifest {
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

export interface Licences {
  readonly packages: readonly ShippedPackage[]
  /** One sentence for each package that must not be shipped so. */
  readonly problems: readonly string[]
  /** Every text once, with the packages it belongs to; of what is installed here. */
  readonly texts: string
}

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'))

const pagePackages = (top: string): string[] =>
  readdirSync(join(top, 'ui'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => importedPackages(readFileSync(join(top, 'ui', name), 'utf8')))

const rule = '='.repeat(100)

/** `top`: the folder with package.json. Throws if package-lock.json lacks a package. */
export function listLicences(top: string): Licences {
  const { dependencies = {}, optionalDependencies = {} } = readJson(join(top, 'package.json')) as Manifest
  const lock = readJson(join(top, 'package-lock.json')) as { packages: LockedPackages }
  const roots = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies), ...pagePackages(top)])
  const packages = shippedPackages(lock.packages, [...roots])
  const problems: string[] = []
  const owners = new Map<string, string[]>()
  for (const { name, version, licence, path } of packages) {
    const folder = join(top, path)
    const chosen = chosenLicences(licence)
    if (chosen === undefined)
      problems.push(`${name} ${version}: the licence ${licence} is not on the list of those allowed`)
    // A Node.js of its own is installed by npm beside the program, with its texts in it.
    if (chosen === undefined || name in optionalDependencies || !isInstalled(folder)) continue
    const { license } = readJson(join(folder, 'package.json')) as Manifest
    if (license !== licence) problems.push(`${name} ${version}: it says ${license}, package-lock.json says ${licence}`)
    const text = licenceText(folder, name, chosen)
    if (text === undefined) problems.push(`${name} ${version}: there is no text of its licence ${licence}`)
    else owners.set(text, [...(owners.get(text) ?? []), `${name} ${version}`])
  }
  const texts = [...owners].map(([text, names]) => `${rule}\n${names.join('\n')}\n${rule}\n\n${text}\n`).join('\n')
  return { packages, problems, texts }
}
