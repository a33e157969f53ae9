//! How the page begins: all is asked for at once and before anything is drawn, so that the first picture is the whole one.

import { agent } from './agent/agent.svelte';
import { fetchAhead } from './compose/ahead';
import { composing } from './compose/composing.svelte';
import { outbox } from './compose/outbox.svelte';
import { host } from './host';
import { mailbox } from './mail/mailbox.svelte';
import { company } from './welcome/company.svelte';
import { speakAsBefore } from './words/words.svelte';

/** An agent that takes longer is being started, or is not there: the page says so. */
const PATIENCE_MS = 400;
/** A list that takes longer comes into a window that is drawn already. */
const LIST_MS = 150;

class Beginning {
  /** The mail side knows where it begins; before that nothing can be clicked. */
  over = $state(false);
}
export const beginning = new Beginning();

const wait = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

/** Resolves when there is something to draw. Whatever goes wrong, the page is drawn, and says what it can. */
export async function begin(): Promise<void> {
  const prepared = Promise.allSettled([speakAsBefore(), prepare()]);
  await Promise.race([prepared, wait(PATIENCE_MS)]);
}

async function prepare(): Promise<void> {
  const opened = host.start().catch(() => ({ mail: null, alone: false, draft: null, mailto: null, platform: '' }));
  void agent.start();
  await agent.met;
  const { mail, alone, draft, mailto: address } = await opened;
  try {
    void outbox.start();
    if (draft !== null) await composing.startAlone(draft);
    else await goThere(mail, alone, address);
    // What it opens waits for nobody.
    void company.load().catch(() => undefined);
  } finally {
    beginning.over = true;
    fetchAhead();
  }
}

async function goThere(mail: number | null, alone: boolean, address: string | null): Promise<void> {
  if (alone && mail !== null) mailbox.startAlone(mail);
  else {
    const there = mailbox.start(mail);
    void composing.restore().then(() => composing.mailto(address));
    host.onMailto((later) => void composing.mailto(later));
    await Promise.race([there, wait(LIST_MS)]);
  }
}
