//! The list of licences tells of everything that is used. After a change of dependencies: `npm run licences`.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sought, type Licences } from '../../src/settings/about/licences';
import { chosen } from '../../tools/spdx.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const UI = join(ROOT, 'ui');
const text = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const list = JSON.parse(text('ui/src/settings/about/licences.json')) as Licences;
const has = (from: string, name: string, version?: string) =>
  list.libraries.some(
    (each) => each.from === from && each.name === name && (version === undefined || each.version === version),
  );

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(svelte|ts)$/.test(name) ? [readFileSync(path, 'utf8')] : [];
  });
}

/** Crates that a manifest names for its program: not those of tests and of the build. */
function named(manifest: string): string[] {
  let within = false;
  const names: string[] = [];
  for (const line of manifest.split('\n')) {
    const head = /^\[(.+)\]/.exec(line)?.[1];
    if (head !== undefined) within = /^(target\..*\.)?dependencies$/.test(head);
    const name = /^([\w-]+)[ .=]/.exec(line)?.[1];
    // What is optional is for the project's own commands.
    if (within && name && !line.includes('optional = true')) names.push(name);
  }
  return names;
}

describe('the list of licences', () => {
  it('has every package of npm that the page imports', () => {
    const imported = new Set(
      sources(join(UI, 'src')).flatMap((source) =>
        [...source.matchAll(/(?:from|import)\s*\(?'((?:@[\w-]+\/)?[a-z][\w.-]*)/g)].map((match) => match[1] ?? ''),
      ),
    );
    expect(imported.size).toBeGreaterThan(4);
    const about = JSON.parse(text('ui/package.json')) as { devDependencies: Record<string, string> };
    for (const name of imported) {
      expect(about.devDependencies, name).toHaveProperty([name]);
      expect(has('npm', name), `${name}: npm run licences`).toBe(true);
    }
  });

  it('has the versions that are installed', () => {
    const lock = JSON.parse(text('ui/package-lock.json')) as { packages: Record<string, { version: string }> };
    for (const { from, name, version } of list.libraries)
      if (from === 'npm') expect(lock.packages[`node_modules/${name}`]?.version, name).toBe(version);
  });

  it('has every crate that the programs name, as locked', () => {
    const locked = [...text('Cargo.lock').matchAll(/name = "([^"]+)"\nversion = "([^"]+)"/g)];
    // What only tests, the project's own commands and the server link is not delivered with the app.
    const elsewhere = new Set(['testkit', 'bridge', 'wecom', 'netease']);
    const crates = readdirSync(join(ROOT, 'crates')).filter((name) => !elsewhere.has(name));
    const manifests = ['Cargo.toml', ...crates.map((name) => `crates/${name}/Cargo.toml`)].filter((path) =>
      existsSync(join(ROOT, path)),
    );
    const names = new Set(manifests.flatMap((path) => named(text(path))).filter((name) => !name.startsWith('qiyou')));
    expect(names.size).toBeGreaterThan(40);
    for (const name of names) {
      const versions = locked.filter((match) => match[1] === name).map((match) => match[2] ?? '');
      expect(
        versions.some((version) => has('crate', name, version)),
        `${name} ${versions.join(' or ')}: npm run licences`,
      ).toBe(true);
    }
    for (const { from, name, version } of list.libraries)
      if (from === 'crate')
        expect(
          locked.some((match) => match[1] === name && match[2] === version),
          `${name} ${version} is gone: npm run licences`,
        ).toBe(true);
    expect(has('native', 'OpenSSL')).toBe(true);
  });

  it('has a text for each, and names its authors where the licence asks for it', () => {
    for (const { name, texts } of list.libraries) {
      expect(texts.length, name).toBeGreaterThan(0);
      for (const at of texts) expect(list.texts[at]?.length ?? 0, name).toBeGreaterThan(100);
    }
    const silent = list.libraries.filter(({ licence, copyright }) => /^(MIT|BSD|ISC)/.test(licence) && !copyright);
    // These packages name nobody themselves.
    expect(silent.length).toBeLessThan(8);
    expect(new Set(list.texts).size).toBe(list.texts.length);
    expect(JSON.stringify(list)).not.toMatch(/\/(root|home)\//);
  });

  it('is searched by name and licence', () => {
    expect(sought(list.libraries, ' TOKIO-rustls').map(({ name }) => name)).toEqual(['tokio-rustls']);
    expect(sought(list.libraries, 'mpl-2').every(({ licence }) => licence.includes('MPL-2.0'))).toBe(true);
  });
});

describe('a choice of licences', () => {
  it.each([
    ['MIT OR Apache-2.0', ['MIT']],
    ['Apache-2.0/MIT', ['MIT']],
    ['(Apache-2.0 OR MIT) AND BSD-3-Clause', ['MIT', 'BSD-3-Clause']],
    ['Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT', ['MIT']],
    ['Apache-2.0 OR GPL-2.0-only', ['Apache-2.0']],
    ['Apache-2.0 AND ISC', ['Apache-2.0', 'ISC']],
    ['MPL-2.0', ['MPL-2.0']],
  ])('%s', (expression, taken) => expect(chosen(expression)).toEqual(taken));
});
