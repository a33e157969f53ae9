//! How Han names are found by keys: every character has the first letter of its pinyin.

/**
 * The first characters of each letter in the order of pinyin (no sound begins with i, u or v). They are written as
 * numbers, because they stand for sounds here and are read by nobody.
 */
const FIRST: [letter: string, from: string][] = [
  ['a', '\u5416'],
  ['b', '\u516b'],
  ['c', '\u5693'],
  ['d', '\u5491'],
  ['e', '\u59b8'],
  ['f', '\u53d1'],
  ['g', '\u65ee'],
  ['h', '\u54c8'],
  ['j', '\u4e0c'],
  ['k', '\u5494'],
  ['l', '\u5783'],
  ['m', '\u5463'],
  ['n', '\u62cf'],
  ['o', '\u5662'],
  ['p', '\u5991'],
  ['q', '\u4e03'],
  ['r', '\u5465'],
  ['s', '\u4ee8'],
  ['t', '\u4ed6'],
  ['w', '\u5c72'],
  ['x', '\u5915'],
  ['y', '\u4e2b'],
  ['z', '\u5e00'],
];
const HAN = /\p{Script=Han}/u;
let collator: Intl.Collator | undefined;
const known = new Map<string, string>();

function letter(han: string): string {
  const found = known.get(han);
  if (found !== undefined) return found;
  collator ??= new Intl.Collator('zh-Hans-u-co-pinyin');
  const order = collator;
  let letter = '';
  for (const [each, from] of FIRST) {
    if (order.compare(from, han) > 0) break;
    letter = each;
  }
  known.set(han, letter);
  return letter;
}

/** `xmgl` of a Chinese name, letters and digits as they are; everything in small letters. */
export function initials(name: string): string {
  let out = '';
  for (const each of name.normalize('NFKC').toLowerCase()) out += HAN.test(each) ? letter(each) : each;
  return out;
}

/** Whether a name is meant by what was typed: a part of it, or of its initials. */
export function fits(name: string, typed: string): boolean {
  const wanted = typed.normalize('NFKC').toLowerCase().trim();
  return name.normalize('NFKC').toLowerCase().includes(wanted) || initials(name).includes(wanted);
}

/** Whether a name begins with what was typed, or its initials do. */
export function begins(name: string, typed: string): boolean {
  const wanted = typed.normalize('NFKC').toLowerCase();
  return name.normalize('NFKC').toLowerCase().startsWith(wanted) || initials(name).startsWith(wanted);
}
