//! The host in a plain browser: a WebSocket of the devserver that carries the api's own lines.

import { base64 } from '../compose/base64';
import { PROTOCOL, type ApiError, type Event, type Hello } from './api';
import { asApiError, type Answer, type Host } from './host';

/** Waiting times between two attempts to connect, in milliseconds; the last one stays. */
const BACK_OFF = [300, 1000, 2000, 5000, 10_000, 30_000];

interface Line {
  id?: number;
  ok?: unknown;
  err?: ApiError;
  event?: Event;
  hello?: string;
}

interface Waiting {
  resolve: (value: never) => void;
  reject: (error: ApiError) => void;
}

/** Files that the person chooses; none when they change their mind. */
function chosenFiles(): Promise<File[]> {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  return new Promise((resolve) => {
    input.onchange = () => resolve([...(input.files ?? [])]);
    input.oncancel = () => resolve([]);
    input.click();
  });
}

/** Speaks the api over `/api` of the server that the page came from. */
export function browserHost(): Host {
  const waiting = new Map<number, Waiting>();
  const handlers = new Set<(event: Event) => void>();
  let next = 1;
  let attempt = 0;
  let before = false;
  let line: Promise<WebSocket> | undefined;

  const tell = (event: Event) => handlers.forEach((handler) => handler(event));
  const gone = (): ApiError => ({ code: 'internal', args: { detail: 'qiyou-agent' }, cause: null });

  const receive = (text: string) => {
    const message = JSON.parse(text) as Line;
    if (message.event) return tell(message.event);
    if (message.id === undefined) return;
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.err) call?.reject(message.err);
    else call?.resolve(message.ok as never);
  };

  const connect = (): Promise<WebSocket> =>
    new Promise((resolve, reject) => {
      const url = new URL('/api', location.href);
      url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
      const socket = new WebSocket(url);
      socket.onopen = () => {
        const hello: Hello = { hello: 'qiyou', protocol: PROTOCOL, version: '0', pid: 0, role: 'browser' };
        socket.send(JSON.stringify(hello));
        attempt = 0;
        if (handlers.size > 0) socket.send(JSON.stringify({ id: 0, method: 'subscribe', params: {} }));
        if (before) tell({ kind: 'overflow' });
        before = true;
        resolve(socket);
      };
      socket.onmessage = (message) => receive(String(message.data));
      socket.onclose = () => {
        line = undefined;
        waiting.forEach((call) => call.reject(gone()));
        waiting.clear();
        reject(gone());
        tell({ kind: 'goodbye' });
        if (handlers.size > 0)
          setTimeout(() => void open().catch(() => undefined), BACK_OFF[Math.min(attempt++, BACK_OFF.length - 1)]);
      };
    });

  const open = () => (line ??= connect());

  const call: Host['call'] = async (method, params) => {
    const socket = await open();
    return new Promise<Answer<typeof method>>((resolve, reject) => {
      const id = next++;
      waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      socket.send(JSON.stringify({ id, method, params }));
    });
  };

  return {
    start: async () => {
      const { searchParams } = new URL(location.href);
      const mail = Number(searchParams.get('mail')) || null;
      const draft = Number(searchParams.get('draft')) || null;
      const mailto = searchParams.get('mailto');
      return { mail, alone: searchParams.has('alone'), draft, mailto, platform: 'browser' };
    },
    call,
    events: async (handler) => {
      const socket = await open();
      if (handlers.size === 0) socket.send(JSON.stringify({ id: 0, method: 'subscribe', params: {} }));
      handlers.add(handler);
    },
    body: async (mail, { remote, theme, whole }) => {
      const known = await call('mail.body', { mail, remote, whole });
      if (known.state !== 'ready') return known;
      const how = `remote=${remote ? 1 : 0}&theme=${theme}&whole=${whole ? 1 : 0}`;
      const answer = await fetch(`/body/${mail}?${how}`);
      if (!answer.ok) throw gone();
      return { ...known, html: await answer.text() };
    },
    draftQuote: async (draft, { remote, theme }) => {
      const known = await call('draft.quote', { id: draft, remote });
      if (known.state !== 'ready') return known;
      const answer = await fetch(`/quote/${draft}?remote=${remote ? 1 : 0}&theme=${theme}&whole=1`);
      if (!answer.ok) throw gone();
      return { ...known, html: await answer.text() };
    },
    // The agent's disk is not the person's here; the file's own bytes go.
    attachDialog: async (draft) => {
      const files = await chosenFiles();
      for (const file of files)
        await call('draft.paste', {
          id: draft,
          name: file.name,
          mime_type: file.type,
          data: await base64(file),
          inline: false,
        });
    },
    importContacts: async () => {
      const path = window.prompt('', '/tmp/contacts.vcf');
      return path === null ? null : call('contacts.import', { path });
    },
    openDraft: async (draft) => void window.open(`/?draft=${draft}`, '_blank', 'noopener'),
    onMailto: () => undefined,
    openExternal: async (url) => {
      if (!/^(https?|mailto):/i.test(url)) throw asApiError({ code: 'link_refused', args: {}, cause: null });
      window.open(url, '_blank', 'noopener,noreferrer');
    },
    // A page cannot choose a place on the disk of the agent; the person types it.
    saveDialog: async (name) => window.prompt(name, `/tmp/${name}`),
    folderDialog: async () => window.prompt('', '/tmp'),
    openMail: async (mail) => void window.open(`/?mail=${mail}&alone`, '_blank', 'noopener'),
    print: async () => window.print(),
    window: {
      close: () => window.close(),
      zoom: (percent) => document.documentElement.style.setProperty('--page-zoom', String(percent / 100)),
      title: (text) => void (document.title = text),
      badge: () => undefined,
    },
  };
}
