//! Keys: how they are called, that none means two things, and that none takes what belongs to text or the system.

import { describe, expect, it } from 'vitest';
import { aria, display, keysOf, parts, passesText, stroke, type Platform, type Pressed } from '../../src/commands/keys';
import { entries } from '../../src/commands/table';
import type { KeySet } from '../../src/host/api';

const SETS: KeySet[] = ['gmail', 'outlook'];
const PLATFORMS: Platform[] = ['pc', 'mac'];
const EACH = SETS.flatMap((set) => PLATFORMS.map((platform) => [set, platform] as const));

function press(key: string, more: Partial<Pressed> & { altGraph?: boolean } = {}): Pressed {
  const { altGraph = false, ...rest } = more;
  return {
    key,
    code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : '',
    keyCode: 0,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    getModifierState: (name) => name === 'AltGraph' && altGraph,
    ...rest,
  };
}

describe('a pressed key', () => {
  it.each<[string, Parameters<typeof press>[1], Platform, string | undefined]>([
    ['j', {}, 'pc', 'j'],
    ['J', { shiftKey: true }, 'pc', 'Shift+j'],
    // Caps lock is no shift.
    ['E', {}, 'pc', 'e'],
    ['#', { shiftKey: true }, 'pc', '#'],
    ['?', { shiftKey: true }, 'pc', '?'],
    // A Chinese keyboard in full-width mode.
    ['\uff1f', { shiftKey: true }, 'pc', '?'],
    ['\uff03', {}, 'pc', '#'],
    // A Russian layout: the place counts.
    ['\u0443', { code: 'KeyE' }, 'pc', 'e'],
    ['\u043b', { code: 'KeyK', ctrlKey: true }, 'pc', 'Mod+k'],
    ['k', { ctrlKey: true }, 'pc', 'Mod+k'],
    ['k', { metaKey: true }, 'mac', 'Mod+k'],
    ['k', { ctrlKey: true }, 'mac', 'Ctrl+k'],
    // The Windows key is the system's.
    ['k', { metaKey: true }, 'pc', undefined],
    ['P', { ctrlKey: true, shiftKey: true }, 'pc', 'Mod+Shift+p'],
    ['+', { ctrlKey: true, shiftKey: true, code: 'Equal' }, 'pc', 'Mod++'],
    ['=', { ctrlKey: true, code: 'Equal' }, 'pc', 'Mod+='],
    // Option writes signs on a Mac.
    ['\u00a1', { altKey: true, code: 'Digit1' }, 'mac', 'Alt+1'],
    ['\u221a', { altKey: true, code: 'KeyV' }, 'mac', 'Alt+v'],
    ['P', { altKey: true, shiftKey: true }, 'pc', 'Alt+Shift+p'],
    // AltGr+3 is how a French keyboard types the sign.
    ['#', { ctrlKey: true, altKey: true, altGraph: true, code: 'Digit3' }, 'pc', '#'],
    ['Enter', { shiftKey: true }, 'pc', 'Shift+Enter'],
    [' ', {}, 'pc', 'Space'],
    ['Shift', { shiftKey: true }, 'pc', undefined],
    ['Dead', {}, 'pc', undefined],
  ])('%s %o on %s is %s', (key, more, platform, called) => {
    expect(stroke(press(key, more), platform)).toBe(called);
  });

  it('means nothing while an input method composes, nor when it confirms a candidate', () => {
    expect(stroke(press('e', { isComposing: true }), 'pc')).toBeUndefined();
    expect(stroke(press('Enter', { keyCode: 229 }), 'pc')).toBeUndefined();
    expect(stroke(press('Process', { keyCode: 229 }), 'pc')).toBeUndefined();
  });
});

describe.each(EACH)('the %s set on %s', (set, platform) => {
  const keys = entries.flatMap((entry) => keysOf(entry, set, platform).map((key) => ({ key, id: entry.id })));

  it('has no key that means two things', () => {
    const known = new Map<string, string>();
    for (const { key, id } of keys) {
      expect(known.get(key), `${key}: ${id}`).toBeUndefined();
      known.set(key, id);
    }
    // The first stroke of a sequence means nothing by itself.
    for (const { key } of keys) if (key.includes(' ')) expect(known.has(key.split(' ')[0] ?? ''), key).toBe(false);
  });

  it('has a key for every command', () => {
    for (const entry of entries) expect(keysOf(entry, set, platform), entry.id).not.toEqual([]);
  });

  it('writes keys as they are read', () => {
    const order = ['Ctrl', 'Mod', 'Alt', 'Shift'];
    for (const { key } of keys)
      for (const each of key.split(' ')) {
        const { held, key: last } = parts(each);
        expect(
          [...held].sort((a, b) => order.indexOf(a) - order.indexOf(b)),
          key,
        ).toEqual(held);
        expect(last, key).toMatch(/^([a-z0-9]|[^A-Za-z\s]|[A-Z][A-Za-z]+|F\d+)$/);
        // A sign is itself, with shift or without.
        if (!/^[a-z0-9]$|^[A-Z]/.test(last)) expect(held, key).not.toContain('Shift');
      }
  });

  it('leaves copying and pasting alone everywhere, and finds by the key for it', () => {
    expect(
      keys.filter(({ key }) => key === 'Mod+f').every(({ id }) => id === (set === 'gmail' ? 'find' : 'forward')),
    ).toBe(true);
    const taken = new Set(keys.map(({ key }) => key));
    for (const key of ['Mod+c', 'Mod+x', 'Mod+v', 'Mod+g', 'F3', 'Mod+Insert', 'Shift+Insert', 'Tab', 'Shift+Tab'])
      expect(taken.has(key), key).toBe(false);
  });

  it('leaves what edits text to the text', () => {
    const editing = ['a', 'c', 'v', 'x', 'y', 'z', 'b', 'i', 'u'].flatMap((key) => [`Mod+${key}`, `Mod+Shift+${key}`]);
    const plain = [
      'e',
      '#',
      '?',
      'Shift+u',
      'Backspace',
      'Delete',
      'Shift+Delete',
      'Insert',
      'Enter',
      'Escape',
      'Home',
    ];
    const moves = ['ArrowUp', 'Shift+ArrowDown', 'Mod+ArrowLeft', 'Alt+ArrowUp', 'Mod+Backspace', 'Alt+Backspace'];
    for (const key of [...editing, ...plain, ...moves]) expect(passesText(key, platform), key).toBe(false);
    // Option types signs on a Mac, AltGr on a PC.
    expect(passesText('Alt+p', platform)).toBe(platform === 'pc');
    expect(passesText('Mod+Alt+j', platform)).toBe(false);
    for (const key of ['Mod+k', 'Mod+,', 'F6', 'Shift+F6', 'F9', 'Mod+='])
      expect(passesText(key, platform), key).toBe(true);
  });

  it('leaves the keys of the system alone', () => {
    const system = {
      pc: [
        'Alt+F4',
        'Alt+Space',
        'Mod+Space',
        'Shift+Space',
        'Mod+w',
        'Mod+Alt+Delete',
        'F10',
        'Shift+F10',
        'F11',
        'F12',
      ],
      mac: ['Mod+q', 'Mod+h', 'Mod+m', 'Mod+w', 'Mod+Space', 'Ctrl+Space', 'Mod+`', 'Mod+Alt+Escape', 'Mod+Shift+q'],
    };
    const taken = new Set(keys.map(({ key }) => key));
    for (const key of system[platform]) expect(taken.has(key), key).toBe(false);
  });

  it('keeps keys free that people will look for in writing and searching', () => {
    const later = {
      gmail: ['d', '/', 'Shift+c', 'Shift+r', 'Shift+a', 'Shift+f', 'Mod+Enter'],
      outlook: ['Mod+e', 'F3', 'Mod+Enter'],
    };
    const taken = new Set(keys.flatMap(({ key }) => [key, key.split(' ')[0] ?? '']));
    for (const key of later[set]) expect(taken.has(key), key).toBe(false);
  });
});

describe('a key is shown', () => {
  it.each([
    ['Mod+k', 'pc', ['Ctrl+K']],
    ['Mod+k', 'mac', ['⌘K']],
    ['Mod+Shift+v', 'pc', ['Ctrl+Shift+V']],
    ['Mod+Shift+v', 'mac', ['⇧⌘V']],
    ['g i', 'pc', ['G', 'I']],
    ['Mod++', 'pc', ['Ctrl++']],
    ['Delete', 'pc', ['Del']],
    ['Backspace', 'mac', ['⌫']],
    ['Shift+ArrowDown', 'pc', ['Shift+↓']],
  ] as const)('%s on %s as %j', (key, platform, words) => expect(display(key, platform)).toEqual(words));

  it('to screen readers', () => {
    expect(aria('Mod+k', 'pc')).toBe('Control+k');
    expect(aria('Mod+k', 'mac')).toBe('Meta+k');
    expect(aria('Mod++', 'pc')).toBe('Control+Plus');
    expect(aria('g i', 'pc')).toBeUndefined();
  });
});
