//! The mails beside the opened one, asked for while it is read: who goes on to one of them does not wait.

import { host, type Body, type BodyView, type Event, type Mail, type MailRow } from '../../host';

/** A mail with its text, and how that was asked for. */
export interface Near {
  mail: Mail;
  body: Body & { state: 'ready' };
  view: BodyView;
}

/** A text that is laid out beforehand. */
export interface Sheet {
  mail: number;
  text: string;
}

/** Letters of the longest text that is laid out before somebody wants it: a key that is pressed meanwhile waits for that. */
const LONGEST = 150_000;

/** Whether both ask for the same document. */
export const sameView = (one: BodyView, other: BodyView): boolean =>
  one.remote === other.remote && one.theme === other.theme && one.whole === other.whole;

export class Ahead {
  /** Texts that may be laid out before somebody goes there. */
  sheets = $state.raw<readonly Sheet[]>([]);

  readonly #near = new Map<number, Near>();
  #wanted: readonly number[] = [];
  /** Moves on whenever something else is wanted. */
  #turn = 0;

  constructor(
    /** How the text of a mail is shown unless somebody says otherwise. */
    private readonly viewOf: (mail: Mail) => BodyView,
  ) {}

  /** Asks for mails, the likeliest first, and forgets all others. */
  async want(rows: readonly MailRow[]): Promise<void> {
    const ids = rows.map(({ id }) => id);
    if (ids.length === this.#wanted.length && ids.every((id, index) => id === this.#wanted[index])) return;
    this.#wanted = ids;
    const turn = ++this.#turn;
    for (const id of this.#near.keys()) if (!ids.includes(id)) this.#near.delete(id);
    for (const id of ids) if (turn === this.#turn && !this.#near.has(id)) await this.#fetch(id);
  }

  async #fetch(id: number): Promise<void> {
    try {
      const mail = await host.call('mail.get', { mail: id });
      const view = this.viewOf(mail);
      const body = await host.body(id, view);
      if (body.state !== 'ready' || !this.#wanted.includes(id)) return;
      this.#near.set(id, { mail, body, view });
      this.#lay();
    } catch {
      // Who goes there asks again, and is told what is wrong.
    }
  }

  /** A mail that was asked for, if its text would be asked for in the same way today. */
  take(id: number): Near | undefined {
    const near = this.#near.get(id);
    if (!near) return undefined;
    return sameView(this.viewOf(near.mail), near.view) ? near : undefined;
  }

  hear(event: Event): void {
    switch (event.kind) {
      case 'mail_changed':
        for (const row of event.rows) {
          const near = this.#near.get(row.id);
          if (near) this.#near.set(row.id, { ...near, mail: { ...near.mail, row } });
        }
        return;
      case 'body_arrived':
        if (!this.#wanted.includes(event.mail)) return;
        this.#near.delete(event.mail);
        void this.#fetch(event.mail);
        return;
      case 'mail_removed':
        return this.#forget(event.mails);
      case 'account_removed':
      case 'overflow':
        return this.#forget([...this.#wanted]);
    }
  }

  /** The list tells what to ask for instead. */
  #forget(mails: readonly number[]): void {
    if (!mails.some((mail) => this.#wanted.includes(mail))) return;
    for (const mail of mails) this.#near.delete(mail);
    this.#wanted = [];
    this.#turn += 1;
    this.#lay();
  }

  /** A text with pictures from the network asks for them as soon as it is laid out: that tells its sender too much. */
  #lay(): void {
    this.sheets = [...this.#near.values()]
      .filter(({ body, view }) => !view.remote && body.html.length <= LONGEST)
      .map(({ mail, body }) => ({ mail: mail.row.id, text: body.html }));
  }
}
