//! The host inside the desktop program: Tauri's bridge to `src-tauri`, which relays the api's lines.

import { Channel, invoke } from '@tauri-apps/api/core';
import type { Body, Event } from './api';
import type { BodyView, Host, Start } from './host';

export function tauriHost(): Host {
  const mailto = new Set<(address: string) => void>();
  return {
    start: () => invoke<Start>('start'),
    call: (method, params) => invoke('call', { method, params }),
    events: async (handler) => {
      const channel = new Channel<{ at: number; event: Event } | { mailto: string }>();
      channel.onmessage = (told) => {
        if ('mailto' in told) mailto.forEach((hear) => hear(told.mailto));
        else handler(told.event);
      };
      await invoke('subscribe', { channel });
    },
    body: (mail: number, { remote, theme, whole }: BodyView) =>
      invoke<Body>('body', { mail, remote, dark: theme === 'dark', whole }),
    draftQuote: (draft, { remote, theme }) => invoke<Body>('draft_quote', { draft, remote, dark: theme === 'dark' }),
    importContacts: () => invoke('import_contacts'),
    attachDialog: (draft) => invoke('attach_dialog', { draft }),
    openDraft: (draft) => invoke('open_draft', { draft }),
    onMailto: (handler) => void mailto.add(handler),
    openExternal: (url) => invoke('open_external', { url }),
    saveDialog: (name) => invoke<string | null>('save_dialog', { name }),
    folderDialog: () => invoke<string | null>('folder_dialog'),
    openMail: (mail) => invoke('open_mail', { mail }),
    print: () => invoke('print'),
    window: {
      close: () => void invoke('window_close').catch(() => undefined),
      zoom: (percent) => void invoke('window_zoom', { percent }).catch(() => undefined),
      title: (title) => void invoke('window_title', { title }).catch(() => undefined),
      badge: (count) => void invoke('window_badge', { count }).catch(() => undefined),
    },
  };
}
