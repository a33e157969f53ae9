//! A folder with as many mails as one likes: its rows are made when they are asked for.

import type { ListParams, Located, Mail, MailRow, Page } from '../src/host/api';
import { FakeAgent } from './agent';
import { LISI, mail, NOW, row } from './mails';

const SECONDS_APART = 600;

export class LongFolder {
  /** What arrived since, newest first. */
  readonly came: MailRow[] = [];
  /** Ids fall from here with the place in the list; those above are of what arrived. */
  readonly #first: number;

  constructor(
    readonly agent: FakeAgent,
    readonly folder: number,
    readonly count: number,
  ) {
    this.#first = folder * 10_000_000 + 9_000_000;
    agent.mails.set(folder, []);
    agent.folders = agent.folders.map((each) =>
      each.id === folder ? { ...each, total: count, synced: count, unread: 0 } : each,
    );
    const others = new FakeAgent();
    others.mails = agent.mails;
    others.folders = agent.folders;
    const { 'mail.list': list, 'mail.locate': locate, 'mail.get': get } = agent.overrides;
    agent.overrides['mail.list'] = (params) => {
      if (params.scope.kind === 'folder' && params.scope.folder === folder) return this.page(params);
      return list ? list(params) : (others.answer('mail.list', params) as Promise<Page>);
    };
    agent.overrides['mail.locate'] = (params) => {
      const offset = this.place(params.mail);
      if (offset !== null) return { offset };
      return locate ? locate(params) : (others.answer('mail.locate', params) as Promise<Located>);
    };
    agent.overrides['mail.get'] = (params) => {
      const fresh = this.at(this.place(params.mail) ?? this.total);
      if (fresh) return mail(fresh);
      return get ? get(params) : (others.answer('mail.get', params) as Promise<Mail>);
    };
  }

  get account(): number {
    return this.agent.folders.find((each) => each.id === this.folder)?.account ?? 1;
  }

  get total(): number {
    return this.came.length + this.count;
  }

  place(id: number): number | null {
    const came = this.came.findIndex((each) => each.id === id);
    if (came >= 0) return came;
    const index = this.#first - id;
    return index >= 0 && index < this.count ? index + this.came.length : null;
  }

  at(place: number): MailRow | undefined {
    const came = this.came[place];
    if (came) return came;
    const index = place - this.came.length;
    if (index >= this.count) return undefined;
    const fresh = row(this.#first - index, index % 10, this.folder, this.account);
    const date = Math.floor(NOW / 1000) - index * SECONDS_APART;
    return { ...fresh, subject: `${fresh.subject} #${index}`, date, unread: false };
  }

  page({ offset, limit }: ListParams): Page {
    const rows = Array.from({ length: Math.max(0, Math.min(limit, this.total - offset)) }, (_, i) =>
      this.at(offset + i),
    );
    return { total: this.total, unread: 0, offset, rows: rows.filter((each) => each !== undefined) };
  }

  arrive(subject: string): MailRow {
    const number = this.came.length + 1;
    const fresh: MailRow = {
      ...row(this.#first + number, 1, this.folder, this.account),
      from: LISI,
      subject,
      date: Math.floor(NOW / 1000) + number,
    };
    this.came.unshift(fresh);
    this.agent.send({ kind: 'mail_arrived', account: this.account, folder: this.folder, rows: [fresh], count: 1 });
    return fresh;
  }
}
