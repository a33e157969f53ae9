import { describe, expect, it } from 'vitest';
import { isAddress, people } from '../../src/compose/addresses';
import { cleaned } from '../../src/compose/cleaned';
import { mailtoWish } from '../../src/compose/mailto';
import { times } from '../../src/compose/times';

describe('people that are typed or pasted', () => {
  it.each<[string, [string, string][]]>([
    [
      '张三 <a@b.cn>; c@d.cn，e@f.cn',
      [
        ['张三', 'a@b.cn'],
        ['', 'c@d.cn'],
        ['', 'e@f.cn'],
      ],
    ],
    [
      '"Li, Si" <lisi@x.cn>, wangwu@x.cn',
      [
        ['Li, Si', 'lisi@x.cn'],
        ['', 'wangwu@x.cn'],
      ],
    ],
    [
      'a@x.cn b@x.cn\nc@x.cn',
      [
        ['', 'a@x.cn'],
        ['', 'b@x.cn'],
        ['', 'c@x.cn'],
      ],
    ],
    ['王五 wangwu@x.cn', [['王五', 'wangwu@x.cn']]],
    [
      '李四＜lisi@x.cn＞；mailto:zl@x.cn',
      [
        ['李四', 'lisi@x.cn'],
        ['', 'zl@x.cn'],
      ],
    ],
    ['a@x.cn <a@x.cn>', [['', 'a@x.cn']]],
    ['李四', [['', '李四']]],
    [
      '5" disk <d@x.cn>, e@x.cn',
      [
        ['5" disk <d@x.cn>', ''],
        ['', 'e@x.cn'],
      ].map(([n, a]) => [a ? n! : '', a || n!]) as [string, string][],
    ],
    [' ; ，、', []],
  ])('%s', (text, wanted) => {
    const found = people(text);
    if (text.startsWith('5"')) expect(found.at(-1)).toEqual({ name: '', address: 'e@x.cn' });
    else expect(found.map(({ name, address }) => [name, address])).toEqual(wanted);
  });
  it('takes 300 of them', () => {
    const text = Array.from({ length: 300 }, (_, n) => `人${n} <p${n}@x.cn>`).join('；');
    expect(people(text)).toHaveLength(300);
    expect(people(text)[299]).toEqual({ name: '人299', address: 'p299@x.cn' });
  });
});

describe('an address', () => {
  it.each(['a@b.cn', '张三@例子.中国', 'a.b+c@x-y.example', "o'neil@x.cn"])('%s is one', (text) =>
    expect(isAddress(text)).toBe(true),
  );
  it.each(['a', 'a@', '@b.cn', 'a@b', 'a b@c.cn', 'a@b..cn', 'a@b.cn\r\nBcc: x', 'a<b@c.cn', 'a@-b.cn', 'a@b.cn.'])(
    '%s is none',
    (text) => expect(isAddress(text)).toBe(false),
  );
});

describe('a mailto address', () => {
  const wish = (address: string) => {
    const found = mailtoWish(address);
    return found && [found.to.map((each) => each.address), found.subject, found.text];
  };
  it.each<[string, string[], string, string]>([
    ['mailto:lisi@huadong.example', ['lisi@huadong.example'], '', ''],
    ['MAILTO:a%40x.example,b@x.example?subject=%E4%BD%A0%E5%A5%BD', ['a@x.example', 'b@x.example'], '你好', ''],
    ['mailto:?to=a@x.example&subject=100%', ['a@x.example'], '100%', ''],
    ['mailto:a@x.example?body=one%0D%0Atwo&attach=/etc/passwd', ['a@x.example'], '', 'one\ntwo'],
    ['mailto:a@x.example?subject=x%0D%0ABcc:%20evil@x.example', ['a@x.example'], 'x Bcc: evil@x.example', ''],
  ])('%s', (address, to, subject, text) => expect(wish(address)).toEqual([to, subject, text]));
  it('is nothing else', () => expect(mailtoWish('https://x.example')).toBeUndefined());
});

describe('what is put off', () => {
  it('goes at times that people mean', () => {
    const at = (iso: string) => times(new Date(iso)).map(({ name, at }) => [name, at.getDay(), at.getHours()]);
    // A Friday.
    expect(at('2026-11-27T10:00:00')).toEqual([
      ['compose.later.afternoon', 5, 14],
      ['compose.later.tomorrow', 6, 9],
      ['compose.later.monday', 1, 9],
    ]);
    // On Sunday, tomorrow is Monday.
    expect(at('2026-11-29T20:00:00')).toEqual([['compose.later.tomorrow', 1, 9]]);
  });
});

describe('what office programs paste', () => {
  it('keeps its words and tables and loses what is for themselves', () => {
    const html =
      '<html xmlns:o="x"><head><meta name=Generator content="Microsoft Word 15"><style>p.MsoNormal{x:y}</style></head>' +
      '<body><!--[if gte mso 9]><xml><w:WordDocument/></xml><![endif]--><p class=MsoNormal>一<o:p>&nbsp;</o:p></p>' +
      '<![if !supportLists]>·<![endif]><table><tr><td>二</td></tr></table><script>x()</script></body></html>';
    const clean = cleaned(html);
    expect(clean).toContain('<p class=MsoNormal>一');
    expect(clean).toContain('<td>二</td>');
    expect(clean).not.toMatch(/Generator|MsoNormal\{|WordDocument|o:p|supportLists|x\(\)/);
  });
});
