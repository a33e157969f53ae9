//! Chinese: always there, and what says which keys exist.

import agent from '../../../crates/words/catalog/zh-CN/agent.json';
import commands from '../../../crates/words/catalog/zh-CN/commands.json';
import compose from '../../../crates/words/catalog/zh-CN/compose.json';
import contacts from '../../../crates/words/catalog/zh-CN/contacts.json';
import errors from '../../../crates/words/catalog/zh-CN/errors.json';
import folder from '../../../crates/words/catalog/zh-CN/folder.json';
import list from '../../../crates/words/catalog/zh-CN/list.json';
import read from '../../../crates/words/catalog/zh-CN/read.json';
import settings from '../../../crates/words/catalog/zh-CN/settings.json';
import welcome from '../../../crates/words/catalog/zh-CN/welcome.json';
import window from '../../../crates/words/catalog/zh-CN/window.json';

export const book = {
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
