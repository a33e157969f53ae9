//! Taiwan's Chinese; fetched when it is spoken or searched.

import agent from '../../../crates/words/catalog/zh-TW/agent.json';
import commands from '../../../crates/words/catalog/zh-TW/commands.json';
import compose from '../../../crates/words/catalog/zh-TW/compose.json';
import contacts from '../../../crates/words/catalog/zh-TW/contacts.json';
import errors from '../../../crates/words/catalog/zh-TW/errors.json';
import folder from '../../../crates/words/catalog/zh-TW/folder.json';
import list from '../../../crates/words/catalog/zh-TW/list.json';
import read from '../../../crates/words/catalog/zh-TW/read.json';
import settings from '../../../crates/words/catalog/zh-TW/settings.json';
import welcome from '../../../crates/words/catalog/zh-TW/welcome.json';
import window from '../../../crates/words/catalog/zh-TW/window.json';
import type { Book } from './words.svelte';

export const book: Book = {
  words: {
    ...commands,
    ...compose,
    ...contacts,
    ...errors,
    ...folder,
    ...list,
    ...read,
    ...settings,
    ...welcome,
    ...window,
  },
  agent,
};
