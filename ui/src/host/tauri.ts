//! The host inside the desktop program: Tauri's bridge to `src-tauri`, which relays the api's lines.

import { Channel, invoke } from '@tauri-apps/api/core';
import type { Event } from './api';
import type { BodyView, Host, Start } from './host';

export function tauriHost(): Host {
  // WebView2 knows no schemes of programs; Tauri maps them to a host of the same name.
  const base = navigator.userAgent.includes('Windows') ? 'http://qymail.localhost' : 'qymail://localhost';
  return {
    start: () => invoke<Start>('start'),
    call: (method, params) => invoke('call', { method, params }),
    events: async (handler) => {
      const channel = new Channel<{ at: number; event: Event }>();
      channel.onmessage = ({ event }) => handler(event);
      await invoke('subscribe', { channel });
    },
    bodyUrl: (mail: number, view: BodyView) => `${base}/body/${mail}?remote=${view.remote ? 1 : 0}&theme=${view.theme}`,
    openExternal: (url) => invoke('open_external', { url }),
    saveDialog: (name) => invoke<string | null>('save_dialog', { name }),
    folderDialog: () => invoke<string | null>('folder_dialog'),
    openMail: (mail) => invoke('open_mail', { mail }),
    print: () => invoke('print'),
    window: {
      zoom: (percent) => void invoke('window_zoom', { percent }).catch(() => undefined),
      title: (title) => void invoke('window_title', { title }).catch(() => undefined),
      badge: (count) => void invoke('window_badge', { count }).catch(() => undefined),
    },
  };
}
