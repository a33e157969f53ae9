//! What a text may look like. Fonts are written with what stands in for them elsewhere.

import type { Key } from '../words/words.svelte';

export const FONTS: readonly { name: Key; family: string }[] = [
  { name: 'font.default', family: '' },
  { name: 'font.yahei', family: "'Microsoft YaHei', 'PingFang SC', 'Noto Sans CJK SC', sans-serif" },
  { name: 'font.song', family: "SimSun, 'Songti SC', 'Noto Serif CJK SC', serif" },
  { name: 'font.hei', family: "SimHei, 'Heiti SC', 'Noto Sans CJK SC', sans-serif" },
  { name: 'font.kai', family: "KaiTi, 'Kaiti SC', 'AR PL UKai CN', serif" },
  { name: 'font.fangsong', family: "FangSong, 'STFangsong', 'Noto Serif CJK SC', serif" },
  { name: 'font.arial', family: 'Arial, Helvetica, sans-serif' },
  { name: 'font.times', family: "'Times New Roman', Times, serif" },
  { name: 'font.mono', family: "Consolas, 'Courier New', monospace" },
];

export const SIZES = [10, 12, 13, 14, 16, 18, 20, 24, 28, 36] as const;

export const COLORS = [
  '#000000',
  '#434343',
  '#666666',
  '#999999',
  '#cccccc',
  '#ffffff',
  '#c00000',
  '#e03e2d',
  '#e67e23',
  '#b7950b',
  '#2dc26b',
  '#169179',
  '#0b746c',
  '#3598db',
  '#236fa1',
  '#1f3d7a',
  '#7e5bb8',
  '#b1187f',
] as const;

export const WASHES = [
  '#fff59d',
  '#ffe0b2',
  '#ffcdd2',
  '#f8bbd0',
  '#e1bee7',
  '#d1c4e9',
  '#bbdefb',
  '#b2ebf2',
  '#b2dfdb',
  '#c8e6c9',
  '#dcedc8',
  '#eeeeee',
] as const;
