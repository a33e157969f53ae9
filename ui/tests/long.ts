//! A folder with as many mails as one likes: its rows are made when they are asked for.

import type { MailRow, Requests } from '../src/host/api';
import { FakeAgent } from './agent';
import { LISI, NOW, row } from './mails';

/** Ids fall from here with the place in the list; those above are of what arrived. */
const FIRST = 900_000_000;
const SECONDS_APART = 600;

export class LongFolder {
  /** What arrived since, newest first. */
  readonly came: MailRow[] = [];

  constructor(
    readonly agent: FakeAgent,
    readonly folder: number,
    readonly count: number,
  ) {
    agent.mails.set(folder, []);
    agent.folders = agent.folders.map((each) =>
      each.id === folder ? { ...each, total: count, synced: count, unread: 0 } : each,
    );
    const list = agent.overrides['mail.list'];
    const others = new FakeAgent();
    others.mails = agent.mails;
    others.folders = agent.folders;
    agent.overrides['mail.list'] = (params) => {
      if (params.scope.kind !== 'folder' || params.scope.folder !== folder)
        return list ? list(params) : (others.answer('mail.list', params) as Promise<Requests['mail.list']['answer']>);
      return this.page(params);
    };
    agent.overrides['mail.locate'] = ({ mail }) => ({ offset: this.place(mail) });
    agent.overrides['mail.get'] = async ({ mail: id }) => {
      const place = this.place(id);
      const found = await others.answer('mail.get', { mail: id }).catch(() => null);
      if (place === null) return found as Requests['mail.get']['answer'];
      const fresh = this.at(place) as MailRow;
      return {
        row: fresh,
        from: [fresh.from],
        reply_to: [],
        to: fresh.to,
        cc: [],
        sent_at: fresh.date,
        message_id: `<${id}@huadong.example>`,
        attachments: [],
        folder_path: '',
      };
    };
  }

  get total(): number {
    return this.came.length + this.count;
  }

  place(id: number): number | null {
    const came = this.came.findIndex((each) => each.id === id);
    if (came >= 0) return came;
    const index = FIRST - id;
    return index >= 0 && index < this.count ? index + this.came.length : null;
  }

  at(place: number): MailRow | undefined {
    const came = this.came[place];
    if (came) return came;
    const index = place - this.came.length;
    if (index >= this.count) return undefined;
    const account = this.agent.folders.find((each) => each.id === this.folder)?.account ?? 1;
    const fresh = row(FIRST - index, index % 10, this.folder, account);
    const date = Math.floor(NOW / 1000) - index * SECONDS_APART;
    return { ...fresh, subject: `${fresh.subject} #${index}`, date, unread: false };
  }

  page({ offset, limit }: Requests['mail.list']['params']): Requests['mail.list']['answer'] {
    const rows = Array.from({ length: Math.max(0, Math.min(limit, this.total - offset)) }, (_, i) =>
      this.at(offset + i),
    );
    return { total: this.total, unread: 0, offset, rows: rows.filter((each) => each !== undefined) };
  }

  arrive(subject: string): MailRow {
    const number = this.came.length + 1;
    const fresh: MailRow = {
      ...row(FIRST + number, 1, this.folder, 1),
      from: LISI,
      subject,
      date: Math.floor(NOW / 1000) + number,
    };
    this.came.unshift(fresh);
    this.agent.send({ kind: 'mail_arrived', account: 1, folder: this.folder, rows: [fresh], count: 1 });
    return fresh;
  }
}
