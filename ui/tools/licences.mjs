//! Makes `src/settings/about/licences.json`: everything of others that is in the page, the agent or the window, with its
//! licence. `npm run licences`, after a change of dependencies.
//!
//! What is in the page is asked of the bundler, what is in the programs of `cargo metadata` for each system that is
//! supported. `cargo fetch --locked` for these systems must have run once; nothing is downloaded here.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { idOf, Texts } from './licence-texts.mjs';
import { chosen } from './spdx.mjs';

const UI = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(UI, 'src/settings/about/licences.json');
const PROGRAMS = ['qiyou', 'qiyou-agent'];
const SYSTEMS = ['x86_64-unknown-linux-gnu', 'x86_64-pc-windows-msvc', 'x86_64-apple-darwin', 'aarch64-apple-darwin'];

/** The package's folder that a module is of; nothing for the page's own. */
const folderOf = (id) => /^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1];

/** Folders of the packages of npm that the bundle has code of, or that the page names. */
async function bundled() {
  const folders = new Set();
  const collect = {
    name: 'collect',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        for (const [id, { renderedLength }] of Object.entries(chunk.modules ?? {})) {
          const folder = folderOf(id);
          if (folder && renderedLength > 0) folders.add(folder);
          // What the page imports may do nothing but pass on what others have.
          if (!folder)
            for (const from of this.getModuleInfo(id)?.importedIds ?? [])
              if (folderOf(from)) folders.add(folderOf(from));
        }
      }
    },
  };
  await build({
    root: UI,
    logLevel: 'error',
    plugins: [collect],
    build: { write: false, minify: false, reportCompressedSize: false },
  });
  return [...folders];
}

function npm(folder) {
  const about = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const author = typeof about.author === 'string' ? about.author : about.author?.name;
  return {
    from: 'npm',
    name: about.name,
    version: about.version,
    licence: about.license,
    authors: author ? [author] : [],
    folder,
  };
}

/** The crates that end in a program on one system: ordinary dependencies, without those that only run in the compiler. */
function linked(system) {
  const text = execFileSync(
    'cargo',
    ['metadata', '--locked', '--offline', '--format-version', '1', '--filter-platform', system],
    { cwd: join(UI, '..'), encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  const { packages, resolve } = JSON.parse(text);
  const byId = new Map(packages.map((each) => [each.id, each]));
  const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
  const seen = new Set();
  const next = packages.filter(({ name, source }) => source === null && PROGRAMS.includes(name)).map(({ id }) => id);
  while (next.length > 0) {
    const id = next.pop();
    const about = byId.get(id);
    if (seen.has(id) || about.targets.some(({ kind }) => kind.includes('proc-macro'))) continue;
    seen.add(id);
    for (const { pkg, dep_kinds: kinds } of nodes.get(id).deps) {
      const { name } = byId.get(pkg);
      // The source of OpenSSL comes as a tool of the build, and is linked.
      if (kinds.some(({ kind }) => kind === null) || name === 'openssl-src') next.push(pkg);
    }
  }
  return [...seen].map((id) => byId.get(id)).filter(({ source }) => source !== null);
}

function crate(about) {
  return {
    from: 'crate',
    name: about.name,
    version: about.version,
    licence: about.license,
    authors: about.authors,
    folder: dirname(about.manifest_path),
  };
}

/** C that crates bring along, with a licence of its own. */
function native(crates) {
  const within = (name, path, about) => {
    const owner = crates.find((each) => each.name === name);
    const file = owner && join(owner.folder, path);
    if (!file || !existsSync(file)) throw new Error(`${name}: no ${path}`);
    return { from: 'native', authors: [], file, ...about, version: about.version ?? owner.version };
  };
  const sqlite = crates.find(({ name }) => name === 'libsqlite3-sys');
  const header = readFileSync(join(sqlite.folder, 'sqlcipher/sqlite3.h'), 'utf8');
  return [
    within('openssl-src', 'openssl/LICENSE.txt', {
      name: 'OpenSSL',
      licence: 'Apache-2.0',
      version: crates.find(({ name }) => name === 'openssl-src').version.split('+')[1],
    }),
    within('libsqlite3-sys', 'sqlcipher/LICENSE', {
      name: 'SQLCipher, SQLite',
      licence: 'BSD-3-Clause AND blessing',
      version: /SQLITE_VERSION\s+"([\d.]+)"/.exec(header)?.[1],
    }),
  ];
}

const LICENCE_FILE = /^(licen[cs]e|copying|unlicense|notice|copyright)/i;
function licenceFiles({ file, folder }) {
  if (file) return [{ name: 'LICENSE', text: readFileSync(file, 'utf8') }];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name) && !/\.(rs|html|spdx)$/.test(entry.name))
    .map(({ name }) => ({ name, text: readFileSync(join(folder, name), 'utf8') }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const crates = [
  ...new Map(SYSTEMS.flatMap(linked).map((about) => [`${about.name} ${about.version}`, crate(about)])).values(),
];
const packages = (await bundled()).map(npm);
const all = [...packages, ...crates, ...native(crates)].sort(
  (a, b) =>
    a.name.toLowerCase().localeCompare(b.name.toLowerCase(), 'en') ||
    a.version.localeCompare(b.version, 'en', { numeric: true }) ||
    a.from.localeCompare(b.from),
);

const texts = new Texts();
const found = all.map((library) => {
  const files = licenceFiles(library);
  // Who forgot to name it has at least its text.
  library.licence ??= files.map(({ text }) => idOf(text)).find(Boolean);
  if (!library.licence) throw new Error(`${library.name} ${library.version}: under no licence`);
  return { library, licences: chosen(library.licence), files };
});
for (const each of found) texts.learn(each);
const libraries = found.map((each) => {
  const { places, copyright } = texts.of(each);
  const { name, version, from, licence } = each.library;
  return { name, version, from, licence, ...(copyright.length > 0 && { copyright }), texts: places };
});

// One library a line: a change of one dependency is a change of one line.
const lines = (list) => list.map((each) => JSON.stringify(each)).join(',\n');
writeFileSync(OUT, `{"libraries":[\n${lines(libraries)}\n],\n"texts":[\n${lines(texts.list)}\n]}\n`);
console.log(`${libraries.length} libraries, ${texts.list.length} texts`);
