//! Manners towards the agent: the same question is asked once at a time, and never faster than it can matter.

import type { Method } from './api';
import type { Answer, Host, Params } from './host';

/** Requests that only look; two equal ones under way are one. */
const LOOKS = new Set<Method>([
  'status',
  'accounts.list',
  'folders.list',
  'mail.list',
  'mail.get',
  'mail.body',
  'mail.locate',
  'settings.get',
]);

/**
 * The host with equal questions joined. An answer that was asked for before something happened may be out of date, so an
 * event, and anything that is done, ends the joining: who asks afterwards asks anew.
 */
export function joined(host: Host): Host {
  const running = new Map<string, Promise<unknown>>();
  return {
    ...host,
    events: (handler) =>
      host.events((event) => {
        running.clear();
        handler(event);
      }),
    call: <M extends Method>(method: M, params: Params<M>): Promise<Answer<M>> => {
      if (!LOOKS.has(method)) return host.call(method, params).finally(() => running.clear());
      const key = method + JSON.stringify(params);
      const earlier = running.get(key);
      if (earlier) return earlier as Promise<Answer<M>>;
      const answer = host.call(method, params).finally(() => {
        if (running.get(key) === answer) running.delete(key);
      });
      running.set(key, answer);
      return answer;
    },
  };
}

/**
 * Runs `work` when asked, but at most once at a time and with `pause` milliseconds between two runs.
 * Whatever is asked meanwhile becomes one more run.
 */
export function calm(work: () => Promise<void>, pause: number): () => void {
  let running = false;
  let again = false;
  const run = async () => {
    running = true;
    again = false;
    try {
      await work();
    } finally {
      setTimeout(() => {
        running = false;
        if (again) void run();
      }, pause);
    }
  };
  return () => {
    if (running) again = true;
    else void run();
  };
}
