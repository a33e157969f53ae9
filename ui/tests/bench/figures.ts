//! Figures, and what they are measured with in the page.

import type { Browser, Page } from 'playwright-core';

export function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? NaN;
}

export const sum = (values: number[]) => values.reduce((all, each) => all + each, 0);

/** One line: what was measured, how much it is, and what it should be at most. */
export function say(what: string, value: number, unit: string, aim?: number): void {
  const verdict = aim === undefined ? '' : `  aim ${aim} ${unit}  ${value <= aim ? 'reached' : 'MISSED'}`;
  console.log(`${what.padEnd(66)} ${value.toFixed(value < 10 ? 2 : 1).padStart(8)} ${unit}${verdict}`);
}

/**
 * What the page keeps while it is measured: when frames came, and how long it took from an event to the frame in which
 * a condition holds. The stamp is taken in the task after the frame was drawn.
 */
export const METER = () => {
  const meter = {
    frames: [] as number[],
    spans: [] as number[],
    running: false,
    run(): void {
      meter.frames = [];
      meter.running = true;
      const next = (now: number) => {
        meter.frames.push(now);
        if (meter.running) requestAnimationFrame(next);
      };
      requestAnimationFrame(next);
    },
    stop(): number[] {
      meter.running = false;
      return meter.frames.slice(1).map((at, i) => at - (meter.frames[i] ?? at));
    },
    /** From the next event of a kind to the drawn frame in which `holds` is true. */
    until(kind: string, holds: () => boolean): void {
      addEventListener(
        kind,
        (event) => {
          const from = event.timeStamp;
          const look = () => {
            if (!holds()) return requestAnimationFrame(look);
            const channel = new MessageChannel();
            channel.port1.onmessage = () => meter.spans.push(performance.now() - from);
            channel.port2.postMessage(0);
          };
          requestAnimationFrame(look);
        },
        { capture: true, once: true },
      );
    },
  };
  (globalThis as unknown as { meter: typeof meter }).meter = meter;
};

export type Meter = {
  run(): void;
  stop(): number[];
  until(kind: string, holds: () => boolean): void;
  spans: number[];
};

/** Tasks of the page's thread: how long by the clock, and how much of it was work. */
export interface Tasks {
  wall: number[];
  work: number[];
}

export async function traced(from: Browser, page: Page, what: () => Promise<void>): Promise<Tasks> {
  await from.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
  await what();
  const trace = JSON.parse((await from.stopTracing()).toString()) as {
    traceEvents: { name: string; ph: string; pid: number; tid: number; dur?: number; tdur?: number; args?: never }[];
  };
  const threads = new Map<string, number>();
  for (const { name, ph, pid, tid, dur } of trace.traceEvents)
    if (ph === 'X' && name === 'UpdateLayoutTree')
      threads.set(`${pid} ${tid}`, (threads.get(`${pid} ${tid}`) ?? 0) + (dur ?? 0));
  const [main] = [...threads].sort((a, b) => b[1] - a[1])[0] ?? [''];
  const tasks = trace.traceEvents.filter(
    ({ name, ph, pid, tid }) => ph === 'X' && /RunTask$/.test(name) && `${pid} ${tid}` === main,
  );
  return { wall: tasks.map(({ dur = 0 }) => dur / 1000), work: tasks.map(({ tdur = 0 }) => tdur / 1000) };
}

/** Prints how many frames were late, and the longest; beside it what the page itself worked at most. */
export function sayFrames(what: string, frames: number[], tasks: Tasks, aims: { late?: number; worst?: number }): void {
  const late = frames.filter((each) => each > 50).length;
  say(`${what}: frames over 50 ms, of ${frames.length}`, (late / Math.max(1, frames.length)) * 100, '%', aims.late);
  say(`${what}: longest frame`, Math.max(...frames), 'ms', aims.worst);
  say(`${what}: longest task of the page, its work`, Math.max(0, ...tasks.work), 'ms');
}
