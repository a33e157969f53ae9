import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const UI = fileURLToPath(new URL('../..', import.meta.url));
const read = (language: string, file: string) =>
  JSON.parse(readFileSync(join(UI, '..', 'crates/words/catalog', language, `${file}.json`), 'utf8')) as Record<
    string,
    string
  >;

/** Files of words that the window says; each has one subject. */
const WINDOW = ['commands', 'folder', 'list', 'read', 'settings', 'welcome', 'window'];
const FILES = [...WINDOW, 'errors'];

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.(svelte|ts)$/.test(name) ? [readFileSync(path, 'utf8')] : [];
  });
}

function codes(type: string): string[] {
  const api = readFileSync(join(UI, 'src/host/api.ts'), 'utf8');
  const body = new RegExp(`export type ${type} = ([^;]+);`).exec(api)?.[1] ?? '';
  return [...body.matchAll(/"([a-z0-9_]+)"/g)].map((match) => match[1] ?? '');
}

describe('the catalogue', () => {
  it.each(FILES)('%s: both languages have the same keys and placeholders', (file) => {
    const zh = read('zh-CN', file);
    const en = read('en', file);
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    const holes = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    for (const key of Object.keys(zh)) expect(holes(en[key] ?? ''), key).toEqual(holes(zh[key] ?? ''));
  });

  it('has words for every error and every cause of the api', () => {
    const words = read('zh-CN', 'errors');
    expect(codes('ErrorCode').length).toBeGreaterThan(20);
    expect(codes('CauseCode').length).toBeGreaterThan(15);
    for (const code of codes('ErrorCode')) expect(words, code).toHaveProperty([`error.${code}`]);
    for (const code of codes('CauseCode'))
      for (const part of ['title', 'why', 'fix']) expect(words, code).toHaveProperty([`error.cause.${code}.${part}`]);
  });

  it('has no word of the window that nobody says', () => {
    const all = sources(join(UI, 'src')).join('\n');
    const patterns = [...all.matchAll(/`([a-z_.]+)\$\{[^`]*`/g)]
      .map((match) => match[1] ?? '')
      .filter((prefix) => prefix.includes('.'));
    const silent = WINDOW.flatMap((file) => Object.keys(read('zh-CN', file))).filter((key) => {
      const base = key.replace(/\.(one|other)$/, '');
      return !all.includes(`'${base}'`) && !patterns.some((prefix) => key.startsWith(prefix));
    });
    expect(silent).toEqual([]);
  });

  it('is the only place where the window has Han characters', () => {
    const said = sources(join(UI, 'src')).flatMap((source) =>
      source
        .replace(/<!--[\s\S]*?-->|\/\*[\s\S]*?\*\/|\/\/.*/g, '')
        .split('\n')
        .filter((line) => /\p{Script=Han}/u.test(line)),
    );
    // A language is called by its own name in every language.
    expect(said.map((line) => line.trim())).toEqual(['<option value="zh-CN" lang="zh-CN">简体中文</option>']);
  });
});
