/** Which packages Warren ships: what package.json and the sources of the page name, with all that these rest on. */

/** The parts of package-lock.json that are read here. */
export interface LockedPackage {
  readonly version?: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
}
export type LockedPackages = Readonly<Record<string, LockedPackage>>

export interface ShippedPackage {
  readonly name: string
  readonly version: string
  /** As the lock file says it: an SPDX expression. */
  readonly licence: string
  /** `node_modules/…`; several packages of one name lie in several places. */
  readonly path: string
}

/** `lit/directives/x.js` is of `lit`, `@a/b/c` of `@a/b`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** Packages that a source file imports, types left out. */
export function importedPackages(source: string): string[] {
  const found = new Set<string>()
  const statements = source.matchAll(/^\s*(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s+)?['"]([^'"]+)['"]/gm)
  const calls = source.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)
  for (const [, specifier = ''] of [...statements, ...calls]) {
    if (/^(?:\.|\/|node:|virtual:)/.test(specifier)) continue
    found.add(packageOf(specifier))
  }
  return [...found]
}

/** Where npm put what a package at `from` asks for: beside it, or further up. */
function locate(packages: LockedPackages, from: string, name: string): string | undefined {
  for (let folder = from; ;) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    if (packages[path] !== undefined) return path
    if (folder === '') return undefined
    const end = folder.lastIndexOf('/node_modules/')
    folder = end < 0 ? '' : folder.slice(0, end)
  }
}

/** Names a package needs; what is optional may be missing. */
function needsOf(locked: LockedPackage): [name: string, isOptional: boolean][] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = locked
  return [
    ...Object.keys(dependencies).map((name): [string, boolean] => [name, name in optionalDependencies]),
    ...Object.keys(optionalDependencies).map((name): [string, boolean] => [name, true]),
    ...Object.keys(peerDependencies).map((name): [string, boolean] => [
      name,
      peerDependenciesMeta[name]?.optional === true,
    ]),
  ]
}

/** All packages below `roots`, sorted by name. Throws if the lock file lacks one. */
export function shippedPackages(packages: LockedPackages, roots: readonly string[]): ShippedPackage[] {
  const found = new Map<string, ShippedPackage>()
  const visit = (from: string, name: string, isOptional: boolean): void => {
    const path = locate(packages, from, name)
    if (path === undefined && !isOptional) throw new Error(`package-lock.json does not know ${name}`)
    const locked = path === undefined ? undefined : packages[path]
    if (path === undefined || locked === undefined || found.has(path)) return
    found.set(path, { name, path, version: locked.version ?? '', licence: locked.license ?? 'unknown' })
    for (const [each, mayLack] of needsOf(locked)) visit(path, each, mayLack)
  }
  for (const root of roots) visit('', root, false)
  return [...found.values()].toSorted((a, b) =>
    a.name === b.name ? (a.path < b.path ? -1 : 1) : a.name < b.name ? -1 : 1,
  )
}
