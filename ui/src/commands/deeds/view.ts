//! How things are shown.

import { agent } from '../../agent/agent.svelte';
import type { Density, Filter, Language, Layout, Sort, Theme } from '../../host';
import { mailbox } from '../../mail/mailbox.svelte';
import { change } from '../../settings/settings.svelte';
import { layout } from '../../shell/layout.svelte';
import { toasts } from '../../shell/toasts.svelte';
import { nextZoom } from '../../shell/zoom';
import { t } from '../../words/words.svelte';
import { focusPane } from '../panes';
import type { Deed } from './deed';

const { list } = mailbox;

function filter(by: Filter): Deed {
  return {
    can: () => list.scope !== null,
    on: () => list.filter === by,
    run: () => {
      if (list.scope) mailbox.show(list.scope, by);
    },
  };
}

function sort(by: Sort): Deed {
  return {
    can: () => list.scope !== null,
    on: () => list.sort === by,
    run: () => mailbox.order(by),
  };
}

const density = (density: Density): Deed => ({
  on: () => agent.settings?.density === density,
  run: () => change({ density }),
});
const arrange = (layout: Layout): Deed => ({
  on: () => agent.settings?.layout === layout,
  run: () => change({ layout }),
});
const theme = (theme: Theme): Deed => ({ on: () => agent.settings?.theme === theme, run: () => change({ theme }) });
const language = (language: Language): Deed => ({
  on: () => agent.settings?.language === language,
  run: () => change({ language }),
});

function zoom(by: 1 | -1 | 0): Deed {
  const wanted = () => nextZoom(agent.settings?.zoom ?? 100, by);
  return {
    can: () => agent.settings !== null && wanted() !== agent.settings.zoom,
    run: async () => {
      const percent = wanted();
      await change({ zoom: percent });
      toasts.show(t('zoom.now', { percent }));
    },
  };
}

export const view = {
  filter_all: filter('all'),
  filter_unread: filter('unread'),
  filter_starred: filter('starred'),
  filter_attachments: filter('attachments'),
  sort_newest: sort('newest'),
  sort_oldest: sort('oldest'),
  sort_sender: sort('sender'),
  sort_subject: sort('subject'),
  sort_size: sort('size'),
  density_comfortable: density('comfortable'),
  density_compact: density('compact'),
  density_line: density('line'),
  layout_wide: arrange('wide'),
  layout_classic: arrange('classic'),
  theme_light: theme('light'),
  theme_dark: theme('dark'),
  theme_system: theme('system'),
  language_zh: language('zh-CN'),
  language_zh_tw: language('zh-TW'),
  language_en: language('en'),
  zoom_in: zoom(1),
  zoom_out: zoom(-1),
  zoom_reset: zoom(0),
  drawer: {
    can: () => layout.small,
    on: () => layout.drawer,
    run: () => {
      if (!layout.drawer) return focusPane('tree');
      layout.drawer = false;
    },
  },
} satisfies Record<string, Deed>;
