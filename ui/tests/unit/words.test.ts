import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ofTag } from '../../src/words/locale';
import { files as taiwanese, stale, taiwan } from '../../tools/zh-tw.mjs';

const UI = fileURLToPath(new URL('../..', import.meta.url));
const read = (language: string, file: string) =>
  JSON.parse(readFileSync(join(UI, '..', 'crates/words/catalog', language, `${file}.json`), 'utf8')) as Record<
    string,
    string
  >;

/** Files of words that the window says; each has one subject. */
const WINDOW = ['commands', 'folder', 'list', 'read', 'settings', 'welcome', 'window'];
const FILES = [...WINDOW, 'errors', 'agent'];

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
  it.each(FILES)('%s: all languages have the same keys and placeholders', (file) => {
    const zh = read('zh-CN', file);
    const holes = (words: string) => [...words.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    for (const language of ['zh-TW', 'en']) {
      const other = read(language, file);
      expect(Object.keys(other).sort()).toEqual(Object.keys(zh).sort());
      for (const key of Object.keys(zh)) expect(holes(other[key] ?? ''), key).toEqual(holes(zh[key] ?? ''));
    }
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
    expect(said.map((line) => line.trim())).toEqual(["['zh-CN', '简体中文'],", "['zh-TW', '繁體中文'],"]);
  });
});

describe('the words of Taiwan', () => {
  it('are what `npm run zh-tw` makes of the simplified ones', () => {
    for (const [name, text] of taiwanese())
      expect(readFileSync(join(UI, '..', 'crates/words/catalog/zh-TW', name), 'utf8'), name).toBe(text);
    expect(stale()).toEqual([]);
  });

  it('are those of an office there', () => {
    const spoken: [string, string][] = [
      ['软件把邮件文件存到文件夹', '軟體把郵件檔案存到資料夾'],
      ['收件箱、已发送、草稿箱、垃圾邮件、归档', '收件匣、寄件備份、草稿、垃圾郵件、封存'],
      ['设置账号密码，登录服务器', '設定帳號密碼，登入伺服器'],
      ['打印屏幕，鼠标和剪贴板', '列印螢幕，滑鼠和剪貼簿'],
      ['搜索附件，另存到这台电脑', '搜尋附件，另存到這台電腦'],
      ['默认的快捷键和网络连接', '預設的快速鍵和網路連線'],
      ['信息、质量、通知、授权码', '資訊、品質、通知、授權碼'],
      ['“引号”', '「引號」'],
    ];
    for (const [simplified, traditional] of spoken) expect(taiwan(simplified)).toBe(traditional);
  });

  it('have no character, quotation mark or half-width stop of the mainland', () => {
    for (const [name, text] of taiwanese()) {
      for (const [key, words] of Object.entries(JSON.parse(text) as Record<string, string>)) {
        expect(words, `${name} ${key}`).not.toMatch(/[“”‘’]/);
        expect(words, `${name} ${key}`).not.toMatch(/\p{Script=Han}[,;!?]/u);
        expect(words, `${name} ${key}`).not.toMatch(/[软邮设网络账录务发这还请显]/);
        expect(words, `${name} ${key}`).not.toMatch(
          /軟件|郵箱地址|文件夾|設置|賬|服務器|網絡|登錄|默認|搜索|打印|屏幕|鼠標|信息|視頻|臺電腦/,
        );
      }
    }
  });
});

describe("the system's language", () => {
  // The same table as in crates/words/src/tests.rs.
  it.each([
    ['', 'zh-CN'],
    ['C', 'zh-CN'],
    ['C.UTF-8', 'zh-CN'],
    ['POSIX', 'zh-CN'],
    ['zh', 'zh-CN'],
    ['zh_CN.UTF-8', 'zh-CN'],
    ['zh-SG', 'zh-CN'],
    ['zh-Hans-HK', 'zh-CN'],
    ['zh_TW.UTF-8', 'zh-TW'],
    ['zh_HK', 'zh-TW'],
    ['zh-MO', 'zh-TW'],
    ['zh-Hant', 'zh-TW'],
    ['zh_TW.UTF-8@radical', 'zh-TW'],
    ['de_DE.UTF-8', 'en'],
    ['en-GB', 'en'],
    ['cy_GB', 'en'],
  ])('%j is spoken as %s', (tag, language) => expect(ofTag(tag)).toBe(language));
});
