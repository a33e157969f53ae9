//! SPDX expressions, as far as packages use them: which licences are taken where there is a choice.

/** What is taken first where a choice is given: the shortest duties. */
const LIKED = [
  'MIT',
  'Apache-2.0',
  'ISC',
  'Zlib',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'MIT-0',
  'Unlicense',
  'CC0-1.0',
  'BSL-1.0',
];

function rank(ids) {
  return Math.max(...ids.map((id) => (LIKED.includes(id) ? LIKED.indexOf(id) : LIKED.length)));
}

/** The licences under which a package with this expression is used; all of them hold. */
export function chosen(expression) {
  // `MIT/Apache-2.0` is how `OR` was written once.
  const words = expression
    .replace(/\s*\/\s*/g, ' OR ')
    .replace(/[()]/g, ' $& ')
    .trim()
    .split(/\s+/);
  const one = () => {
    const word = words.shift();
    if (word === '(') {
      const inner = either();
      words.shift();
      return inner;
    }
    if (words[0] === 'WITH') return [`${word} WITH ${words.splice(0, 2)[1]}`];
    return [word];
  };
  const both = () => {
    const ids = one();
    while (words[0] === 'AND') {
      words.shift();
      ids.push(...one());
    }
    return ids;
  };
  const either = () => {
    let ids = both();
    while (words[0] === 'OR') {
      words.shift();
      const other = both();
      if (rank(other) < rank(ids)) ids = other;
    }
    return ids;
  };
  return [...new Set(either())];
}
