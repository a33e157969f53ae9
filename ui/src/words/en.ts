//! English; fetched when it is spoken or searched.

import agent from '../../../crates/words/catalog/en/agent.json';
import commands from '../../../crates/words/catalog/en/commands.json';
import compose from '../../../crates/words/catalog/en/compose.json';
import contacts from '../../../crates/words/catalog/en/contacts.json';
import errors from '../../../crates/words/catalog/en/errors.json';
import folder from '../../../crates/words/catalog/en/folder.json';
import list from '../../../crates/words/catalog/en/list.json';
import read from '../../../crates/words/catalog/en/read.json';
import settings from '../../../crates/words/catalog/en/settings.json';
import welcome from '../../../crates/words/catalog/en/welcome.json';
import window from '../../../crates/words/catalog/en/window.json';
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
