//! An agent in memory that answers as the real one does. It lives in the tests alone.

import type {
  Account,
  ApiError,
  Cause,
  CauseCode,
  ColleagueCard,
  Company,
  CompanyDevice,
  CompanyReminders,
  Contact,
  ContactGroup,
  Draft,
  DraftFile,
  DraftRow,
  Event,
  Filter,
  Folder,
  Mail,
  MailRow,
  Method,
  OutboxEntry,
  Person,
  Recognised,
  Requests,
  Scope,
  Settings,
  Sort,
  Status,
  Storage,
  Template,
  Warning,
} from '../src/host/api';
import { LISI, folder, mail, NOW, row } from './mails';

type Handlers = {
  [M in Method]: (params: Requests[M]['params']) => Requests[M]['answer'] | Promise<Requests[M]['answer']>;
};

export function fault(code: ApiError['code'], args: Record<string, string> = {}, cause: Cause | null = null): ApiError {
  return { code, args, cause };
}

export function causeOf(code: CauseCode): Cause {
  return { code, step: 'imap_sign_in', host: 'imaphz.qiye.163.com', port: 993, detail: 'NO LOGIN Login error' };
}

const SETTINGS: Settings = {
  language: 'zh-CN',
  theme: 'light',
  layout: 'wide',
  density: 'comfortable',
  keys: 'gmail',
  zoom: 100,
  read_after: 0,
  pictures_from: [],
  linger_minutes: 5,
  autostart: true,
  bubbles: true,
  privacy: false,
  quiet: null,
  paused_until: null,
  vips: [],
  codes: true,
  prefetch_months: 12,
  cache_mib: 2048,
  proxy: { kind: 'system' },
  oauth_clients: {},
  writing: {
    undo_seconds: 10,
    authors: {
      'zhangsan@huadong.example': {
        name: '张三',
        signature: '<p>张三</p><p>华东科技 · 项目部</p>',
        reply_signature: '',
        aliases: [],
      },
    },
    ask_attachment: true,
    ask_subject: true,
    ask_outside: false,
    ask_crowd: 40,
    receipts: 'ask',
    forgiving: false,
  },
};

/** A contact with little to say. */
export function contact(id: number, name: string, email: string, more: Partial<Contact['content']> = {}): Contact {
  return {
    id,
    content: { name, emails: [email], phones: [], company: '', department: '', title: '', note: '', ...more },
    groups: [],
  };
}

/** Somebody whom a completion offers. */
export function somebody(name: string, address: string, more: Partial<Person> = {}): Person {
  return { name, address, members: [], colleague: null, department: null, ...more };
}

/** People whom 张三 writes to. */
const PEOPLE: Person[] = [
  somebody('李四', 'lisi@huadong.example'),
  somebody('李雷', 'lilei@huadong.example'),
  somebody('王五（采购部）', 'wangwu@huadong.example'),
  somebody('', 'service@kehu.example'),
];

export function account(id: number, address: string, name: string, color: string): Account {
  const server = (host: string, port: number) => ({ host, port, security: 'tls' as const, user: address });
  return {
    id,
    address,
    name,
    color,
    position: id,
    settings: {
      provider: 'netease_qiye_hz',
      imap: server('imaphz.qiye.163.com', 993),
      smtp: server('smtphz.qiye.163.com', 465),
      credential: 'client_password',
    },
    state: { state: 'connected', watch: 'notify' },
    telling: 'bubble',
    unread: 0,
  };
}

export class FakeAgent {
  accounts: Account[] = [];
  folders: Folder[] = [];
  /** Mails by folder, newest first. */
  mails = new Map<number, MailRow[]>();
  /** Colleagues and departments as a completion offers them, and the cards of those who have one. */
  enterprise: Person[] = [];
  cards: ColleagueCard[] = [];
  settings: Settings = { ...SETTINGS };
  trouble: ApiError | null = null;
  /** The language of the system, as the agent tells it. */
  system = 'zh-CN';
  blocked = 0;
  warnings: Warning[] = [];
  storage: Storage = {
    home: '/home/zhangsan/.local/share/qiyou',
    index: 48_000_000,
    bodies: 912_000_000,
    accounts: [
      { account: 1, mails: 8204, bodies: 850_000_000 },
      { account: 2, mails: 41, bodies: 61_000_000 },
    ],
  };
  /** What was asked, for assertions. */
  calls: { method: string; params: unknown }[] = [];
  /** Answers that a test wants to be others. */
  overrides: { [M in Method]?: Handlers[M] } = {};
  send: (event: Event) => void = () => undefined;

  drafts: Draft[] = [];
  outbox: OutboxEntry[] = [];
  contacts: Contact[] = [];
  groups: ContactGroup[] = [];
  templates: Template[] = [];
  /** The company that one signed in to, and where its bridge is. */
  company: Company | null = null;
  bridge = '';
  /** What the member wants WeCom to tell of. */
  reminders: CompanyReminders = {
    cards: false,
    words: 'all',
    all_folders: false,
    unread: false,
    mailbox: 'zhangsan@huadong-tech.example',
    workbench: true,
  };
  devices: CompanyDevice[] = [];
  /** What is told of single mails. */
  told = new Map<number, Partial<Mail>>();
  /** Contacts that were removed. */
  #gone: Contact[] = [];

  #undo: { id: number; count: number; back: () => void }[] = [];
  #next = 1;

  /** What a sign-in by WeCom ends with. */
  signedIn(member: Partial<Company['member']> = {}): void {
    this.bridge = 'https://mail.huadong.example/';
    this.company = {
      name: '华东科技',
      bridge: this.bridge,
      state: 'signed_in',
      people: 1234,
      policy: null,
      member: {
        id: 'zhangsan',
        name: '张三',
        address: 'zhangsan@huadong.example',
        domains: ['huadong.example'],
        ways: [],
        request: null,
        webmail: true,
        clients: false,
        servers: {
          imap: { host: 'imap.huadong.example', port: 993, security: 'tls', user: '' },
          smtp: { host: 'smtp.huadong.example', port: 465, security: 'tls', user: '' },
        },
        ...member,
      },
    };
    this.devices = [
      {
        id: 'a',
        name: 'DESKTOP-4F2K',
        system: 'Windows 11',
        version: '0.1.0',
        created: 1_795_000_000,
        seen: 1_795_400_000,
        own: true,
      },
      {
        id: 'b',
        name: 'zhangsan-mbp',
        system: 'macOS 15',
        version: '0.1.0',
        created: 1_794_000_000,
        seen: 1_795_300_000,
        own: false,
      },
    ];
    this.send({ kind: 'company_sign_in', progress: { step: 'done' } });
    this.send({ kind: 'company_changed', company: this.company });
  }

  /** What the company says of the member is another from now on. */
  member(part: Partial<Company['member']>): Company {
    this.company = { ...this.company!, member: { ...this.company!.member, ...part } };
    this.send({ kind: 'company_changed', company: this.company });
    return this.company;
  }

  #proven(address: string): Company {
    return this.member({ address, ways: [], request: null });
  }

  /** 张三's mailbox, as in the design. */
  static full(inbox = 8204, second = true): FakeAgent {
    const agent = new FakeAgent();
    agent.accounts = [account(1, 'zhangsan@huadong.example', '工作邮箱', '#0b746c')];
    agent.folders = [
      folder(10, 1, 'INBOX', 'inbox'),
      folder(11, 1, '草稿箱', 'drafts', { total: 2, synced: 2 }),
      folder(12, 1, '已发送', 'sent'),
      folder(13, 1, '归档', 'archive'),
      folder(14, 1, '项目', 'none', { followed: true, unread: 5 }),
      folder(15, 1, '上海二期', 'none', { parent: 14, path: '项目 / 上海二期', unread: 3 }),
      folder(16, 1, '数据中心', 'none', { parent: 14, path: '项目 / 数据中心', unread: 2 }),
      folder(17, 1, '客户', 'none'),
      folder(18, 1, '垃圾邮件', 'junk'),
      folder(19, 1, '已删除', 'trash'),
    ];
    agent.fill(10, inbox);
    agent.fill(19, 3);
    if (second) {
      agent.accounts.push(account(2, 'lisi@huadong.example', '客服共享', '#b06a3b'));
      agent.folders.push(folder(20, 2, 'INBOX', 'inbox'));
      agent.fill(20, 41);
    }
    return agent;
  }

  fill(id: number, count: number): void {
    const owner = this.folders.find((each) => each.id === id)?.account ?? 1;
    this.mails.set(
      id,
      Array.from({ length: count }, (_, i) => row(id * 1_000_000 + count - i, i, id, owner)),
    );
    this.recount(id);
  }

  recount(id: number): void {
    const rows = this.mails.get(id) ?? [];
    this.folders = this.folders.map((each) =>
      each.id === id
        ? { ...each, total: rows.length, synced: rows.length, unread: rows.filter((one) => one.unread).length }
        : each,
    );
    const changed = this.folders.find((each) => each.id === id);
    if (changed) this.send({ kind: 'folders_changed', account: changed.account, folders: [changed], removed: [] });
  }

  /** A new mail comes in. */
  arrive(id: number, subject: string): MailRow {
    const owner = this.folders.find((each) => each.id === id)?.account ?? 1;
    const rows = this.mails.get(id) ?? [];
    const fresh: MailRow = {
      ...row(id * 1_000_000 + 900_000 + this.#next++, 0, id, owner),
      from: LISI,
      subject,
      date: Math.floor(NOW / 1000),
      unread: true,
      starred: false,
      attachments: false,
    };
    this.mails.set(id, [fresh, ...rows]);
    this.send({ kind: 'mail_arrived', account: owner, folder: id, rows: [fresh], count: 1 });
    this.recount(id);
    return fresh;
  }

  #scope(scope: Scope): MailRow[] {
    if (scope.kind === 'folder') return this.mails.get(scope.folder) ?? [];
    const of = (folders: Folder[]) =>
      folders.flatMap((each) => this.mails.get(each.id) ?? []).sort((a, b) => b.date - a.date || b.id - a.id);
    if (scope.kind === 'unified') return of(this.folders.filter((each) => each.role === 'inbox'));
    const wanted = scope.address.toLowerCase();
    return of(this.folders.filter((each) => each.role !== 'junk' && each.role !== 'trash')).filter((one) =>
      [one.from, ...one.to].some((each) => each.address.toLowerCase() === wanted),
    );
  }

  #list(scope: Scope, filter: Filter, sort: Sort): MailRow[] {
    const rows = this.#scope(scope).filter(
      (one) =>
        filter === 'all' || (filter === 'unread' ? one.unread : filter === 'starred' ? one.starred : one.attachments),
    );
    const by: Record<Sort, (a: MailRow, b: MailRow) => number> = {
      newest: () => 0,
      oldest: (a, b) => a.date - b.date || a.id - b.id,
      sender: (a, b) => (a.from.name || a.from.address).localeCompare(b.from.name || b.from.address),
      subject: (a, b) => a.subject.localeCompare(b.subject),
      size: (a, b) => b.size - a.size,
    };
    return sort === 'newest' ? rows : [...rows].sort(by[sort]);
  }

  #find(id: number): MailRow {
    for (const rows of this.mails.values()) {
      const found = rows.find((one) => one.id === id);
      if (found) return found;
    }
    throw fault('not_found');
  }

  #keep(count: number, back: () => void): number {
    const id = this.#next++;
    this.#undo = [...this.#undo, { id, count, back }].slice(-50);
    this.send({ kind: 'undo_changed', undo: id });
    return id;
  }

  #flag(ids: number[], part: Partial<MailRow>): number {
    const before = ids.map((id) => this.#find(id));
    const put = (rows: MailRow[]) => {
      for (const one of rows)
        this.mails.set(
          one.folder,
          (this.mails.get(one.folder) ?? []).map((other) => (other.id === one.id ? one : other)),
        );
      this.send({ kind: 'mail_changed', rows });
      new Set(rows.map((one) => one.folder)).forEach((id) => this.recount(id));
    };
    put(before.map((one) => ({ ...one, ...part })));
    return this.#keep(before.length, () => put(before));
  }

  #remove(ids: number[], undoable: boolean): number | null {
    const gone = new Set(ids);
    const before = new Map<number, MailRow[]>();
    for (const [id, rows] of this.mails) {
      const left = rows.filter((one) => !gone.has(one.id));
      if (left.length === rows.length) continue;
      this.mails.set(id, left);
      before.set(
        id,
        rows.filter((one) => gone.has(one.id)),
      );
      this.send({
        kind: 'mail_removed',
        folder: id,
        mails: rows.filter((one) => gone.has(one.id)).map((one) => one.id),
      });
      this.recount(id);
    }
    if (!undoable) return null;
    return this.#keep(ids.length, () => {
      for (const [id, rows] of before) {
        const all = [...(this.mails.get(id) ?? []), ...rows];
        this.mails.set(
          id,
          all.sort((a, b) => b.date - a.date || b.id - a.id),
        );
        this.send({ kind: 'list_changed', folder: id });
        this.recount(id);
      }
    });
  }

  status(): Status {
    const unread = (id: number) =>
      this.folders
        .filter((each) => each.account === id && each.role === 'inbox')
        .reduce((sum, each) => sum + each.unread, 0);
    const accounts = this.accounts.map((each) => ({ ...each, unread: unread(each.id) }));
    return {
      version: '0.1.0',
      pid: 1,
      uptime: 60,
      accounts,
      unread: 0,
      paused_until: this.settings.paused_until,
      pending_operations: 0,
      tray: true,
      language: this.system,
      session: 'desktop',
      trouble: this.trouble,
    };
  }

  recognised(address: string): Recognised {
    const { settings } = account(0, address, '', '');
    return { by: 'mx', provider: 'netease_qiye_hz', candidates: [settings], help_url: 'https://qiye.163.com/help' };
  }

  static rowOf(draft: Draft): DraftRow {
    const { id, kind, mails, changed } = draft;
    const { account: owner, to, subject, html } = draft.content;
    return { id, account: owner, to, subject, preview: html.replace(/<[^>]*>/g, ' ').trim(), changed, kind, mails };
  }

  #draft(id: number): Draft {
    const found = this.drafts.find((each) => each.id === id);
    if (!found) throw fault('not_found');
    return found;
  }

  #keepDraft(draft: Draft): Draft {
    const next = { ...draft, version: draft.version + 1, changed: Math.floor(NOW / 1000) };
    this.drafts = [next, ...this.drafts.filter((each) => each.id !== draft.id)];
    this.send({ kind: 'draft_changed', id: draft.id, draft: draft.entry === null ? FakeAgent.rowOf(next) : null });
    return next;
  }

  /** A mail of the outbox goes on. */
  onward(id: number, part: Partial<OutboxEntry> | null): void {
    const before = this.outbox.find((each) => each.id === id);
    const entry = before && part ? { ...before, ...part } : null;
    this.outbox = this.outbox.flatMap((each) => (each.id !== id ? [each] : entry ? [entry] : []));
    this.send({ kind: 'outbox_changed', id, entry });
  }

  readonly #handlers: Partial<Handlers> = {
    'draft.create': (params) => {
      const [first] = params.mails.map((id) => mail(this.#find(id)));
      const answers = params.kind === 'reply' || params.kind === 'reply_all';
      const quotes = answers || params.kind === 'forward' || params.kind === 'redirect';
      const draft: Draft = {
        id: 900 + this.#next++,
        version: 0,
        created: Math.floor(NOW / 1000),
        changed: Math.floor(NOW / 1000),
        content: {
          account: params.account ?? first?.row.account ?? 1,
          from: '',
          to: answers ? (first?.from ?? []) : params.to,
          cc: params.kind === 'reply_all' ? (first?.to ?? []).slice(0, 2) : params.cc,
          bcc: params.bcc,
          subject: first ? params.prefix + first.row.subject : params.subject,
          html: params.text
            .split('\n')
            .filter(Boolean)
            .map((line) => `<p>${line}</p>`)
            .join(''),
          plain: false,
          priority: 'normal',
          receipt: false,
          quote: quotes,
          caret: 0,
        },
        kind: params.kind,
        mails: params.mails,
        quoted:
          quotes && first
            ? {
                from: first.from,
                to: first.to,
                cc: first.cc,
                subject: first.row.subject,
                date: first.row.date,
                here: true,
              }
            : null,
        files: [],
        entry: null,
        limit: null,
        elsewhere: null,
      };
      return this.#keepDraft(draft);
    },
    'draft.continue': async ({ mail: id }) =>
      (await this.answer('draft.create', {
        kind: 'new',
        account: null,
        mails: [],
        to: [],
        cc: [],
        bcc: [],
        subject: this.#find(id).subject,
        prefix: '',
        text: 'x',
      })) as Draft,
    'draft.get': ({ id }) => this.#draft(id),
    'draft.list': () => this.drafts.filter((each) => each.entry === null).map((each) => FakeAgent.rowOf(each)),
    'draft.save': ({ id, content }) => this.#keepDraft({ ...this.#draft(id), content }),
    'draft.quote': () => ({
      state: 'ready',
      html: '',
      plain: false,
      cut: false,
      remote_pictures: 0,
      carried: 0,
      links: [],
      language: 'zh-CN',
      warnings: [],
    }),
    'draft.open_quote': () => '<p>原文第一段</p><table><tr><td>一</td><td>二</td></tr></table>',
    'draft.paste': ({ id, name, mime_type, data, inline }) => {
      const draft = this.#draft(id);
      const file: DraftFile = {
        id: 7000 + this.#next++,
        name,
        mime_type,
        size: Math.floor((data.length * 3) / 4),
        state: 'whole',
        content_id: inline ? `p${this.#next}@qiyou` : null,
      };
      this.#keepDraft({ ...draft, files: [...draft.files, file] });
      return file;
    },
    'draft.attach_mails': ({ id, mails }) => {
      const draft = this.#draft(id);
      const files = mails.map((each): DraftFile => {
        const { subject, size } = this.#find(each);
        return {
          id: 7000 + this.#next++,
          name: `${subject}.eml`,
          mime_type: 'message/rfc822',
          size,
          state: 'whole',
          content_id: null,
        };
      });
      return this.#keepDraft({ ...draft, files: [...draft.files, ...files] });
    },
    'draft.file': () => ({
      mime_type: 'image/png',
      data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    }),
    'draft.detach': ({ id, file }) => {
      const draft = this.#draft(id);
      return this.#keepDraft({ ...draft, files: draft.files.filter((each) => each.id !== file) });
    },
    'draft.settle': async ({ id, take }) => {
      const draft = this.#keepDraft({ ...this.#draft(id), elsewhere: null });
      if (!take) return draft;
      const other = (await this.answer('draft.create', {
        kind: 'new',
        account: null,
        mails: [],
        to: draft.content.to,
        cc: [],
        bcc: [],
        subject: draft.content.subject,
        prefix: '',
        text: '手机上写的版本',
      })) as Draft;
      this.#keepDraft({ ...draft, entry: -1 });
      return other;
    },
    'draft.send': ({ id, content, at }) => {
      const draft = this.#draft(id);
      const created = Math.floor(NOW / 1000);
      const everybody = [...content.to, ...content.cc, ...content.bcc];
      if (everybody.length === 0) throw fault('no_recipient');
      const bad = everybody.find(({ address }) => !address.includes('@'));
      if (bad) throw fault('bad_recipient', { address: bad.address });
      const entry: OutboxEntry = {
        id: 300 + this.#next++,
        account: content.account,
        state: 'waiting',
        created,
        due: at ?? created + this.settings.writing.undo_seconds,
        subject: content.subject,
        message_id: `${id}@huadong.example`,
        recipients: everybody.map(({ address }) => address),
        refused: [],
        size: 1234,
        attempts: 0,
        cause: null,
        draft: id,
        receipt: false,
      };
      this.outbox = [entry, ...this.outbox];
      this.#keepDraft({ ...draft, content, entry: entry.id });
      this.send({ kind: 'outbox_changed', id: entry.id, entry });
      return entry;
    },
    'draft.discard': ({ id }) => {
      const draft = this.#draft(id);
      this.#keepDraft({ ...draft, entry: -1 });
      return {};
    },
    'draft.restore': ({ id }) => this.#keepDraft({ ...this.#draft(id), entry: null }),
    'mail_program.choose': () => 'done',
    'mail.receipt': ({ mail: id }) => {
      this.told.set(id, { ...this.told.get(id), receipt: null });
      this.send({ kind: 'reported', mails: [id] });
      return {};
    },
    'mail.resend': async ({ mail: id, to }) => {
      const draft = (await this.answer('draft.create', {
        kind: 'edit_as_new',
        account: null,
        mails: [id],
        to,
        cc: [],
        bcc: [],
        subject: '',
        prefix: '',
        text: '',
      })) as Draft;
      return (await this.answer('draft.send', { id: draft.id, content: draft.content, at: null })) as OutboxEntry;
    },
    'company.get': () => ({ company: this.company, bridge: this.bridge }),
    'company.sign_in': ({ bridge }) => {
      if (/^http:/.test(bridge)) throw fault('bad_bridge');
      this.bridge = bridge || this.bridge;
      this.send({ kind: 'company_sign_in', progress: { step: 'waiting' } });
      return { url: 'https://mail.huadong.example/signin/Zk3', expires_in: 300 };
    },
    'company.redeem': ({ code }) => {
      if (code !== '135790') throw fault('wrong_code');
      this.signedIn();
      return this.company!;
    },
    'company.cancel': () => ({}),
    'company.sign_out': () => {
      this.company = null;
      this.send({ kind: 'company_changed', company: null });
      return {};
    },
    'company.webmail': () => ({}),
    'company.reminders': () => this.reminders,
    'company.set_reminders': (wanted) => (this.reminders = { ...wanted }),
    'company.look': () => ({}),
    'company.look_address_up': ({ address }) => this.#proven(address),
    'company.mail_code': () => ({ expires_in: 600 }),
    'company.redeem_code': ({ code }) => {
      if (code !== '246810') throw fault('wrong_mailed_code');
      const asked = this.calls.filter((each) => each.method === 'company.mail_code').at(-1);
      return this.#proven((asked?.params as { address: string }).address);
    },
    'company.ask_admin': ({ address }) => this.member({ request: { address, refused: false } }),
    'company.ask_admin_no_more': () => this.member({ request: null }),
    'company.devices': () => this.devices,
    'company.revoke': ({ id }) => {
      this.devices = this.devices.filter((each) => each.id !== id);
      return {};
    },
    'templates.list': () => this.templates,
    'templates.save': ({ id, content }) => {
      const kept = { id: id ?? 800 + this.#next++, content };
      this.templates = [...this.templates.filter((each) => each.id !== id), kept];
      this.send({ kind: 'templates_changed' });
      return kept;
    },
    'templates.remove': ({ id }) => {
      this.templates = this.templates.filter((each) => each.id !== id);
      this.send({ kind: 'templates_changed' });
      return {};
    },
    'people.complete': ({ query }) =>
      [
        ...PEOPLE,
        ...this.enterprise,
        ...this.groups.map(({ id, name }) =>
          somebody(name, '', {
            members: this.contacts
              .filter(({ groups }) => groups.includes(id))
              .map(({ content }) => ({ name: content.name, address: content.emails[0] ?? '' })),
          }),
        ),
      ].filter(({ name, address }) => name.includes(query) || address.startsWith(query.toLowerCase())),
    'directory.person': ({ address }) => this.cards.find((each) => each.address === address) ?? null,
    'directory.department': ({ id }) => {
      const found = this.enterprise.find(({ department }) => department?.id === id);
      if (!found?.department) throw fault('not_found');
      return {
        id,
        path: found.department.path,
        people: this.enterprise.filter(({ address }) => address).map(({ name, address }) => ({ name, address })),
        more: false,
      };
    },
    'contacts.list': ({ query, group }) => ({
      contacts: this.contacts.filter(
        (each) =>
          (group === null || each.groups.includes(group)) &&
          [each.content.name, ...each.content.emails, each.content.company].some((text) => text.includes(query)),
      ),
      groups: this.groups.map((each) => ({
        ...each,
        count: this.contacts.filter(({ groups }) => groups.includes(each.id)).length,
      })),
      total: this.contacts.length,
    }),
    'contacts.find': ({ address }) => this.contacts.find(({ content }) => content.emails.includes(address)) ?? null,
    'contacts.save': ({ id, content, groups }) => {
      const emails = content.emails.filter((each) => each.trim());
      const kept = {
        id: id ?? 600 + this.#next++,
        content: { ...content, emails, phones: content.phones.filter(Boolean) },
        groups,
      };
      this.contacts = [...this.contacts.filter((each) => each.id !== id), kept];
      this.send({ kind: 'contacts_changed' });
      return kept;
    },
    'contacts.remove': ({ ids }) => {
      this.#gone.push(...this.contacts.filter(({ id }) => ids.includes(id)));
      this.contacts = this.contacts.filter(({ id }) => !ids.includes(id));
      this.send({ kind: 'contacts_changed' });
      return { added: [], removed: ids, before: [] };
    },
    'contacts.doubles': () => {
      const sets = new Map<string, Contact[]>();
      for (const each of this.contacts) sets.set(each.content.name, [...(sets.get(each.content.name) ?? []), each]);
      return [...sets.values()].filter((set) => set.length > 1);
    },
    'contacts.merge': ({ ids: [first, ...others] }) => {
      const before = this.contacts.filter(({ id }) => id === first);
      this.#gone.push(...this.contacts.filter(({ id }) => others.includes(id)));
      this.contacts = this.contacts.filter(({ id }) => !others.includes(id));
      this.send({ kind: 'contacts_changed' });
      return { added: [], removed: others, before };
    },
    'contacts.revert': ({ added, removed }) => {
      const back = this.#gone.filter(({ id }) => removed.includes(id));
      this.contacts = [...this.contacts.filter(({ id }) => !added.includes(id)), ...back];
      this.send({ kind: 'contacts_changed' });
      return {};
    },
    'contacts.import': () => {
      const id = 600 + this.#next++;
      this.contacts = [...this.contacts, contact(id, '王五', 'wangwu@kehu.example')];
      this.send({ kind: 'contacts_changed' });
      return { change: { added: [id], removed: [], before: [] }, known: 2, unreadable: 1 };
    },
    'contacts.export': () => this.contacts.length,
    'groups.save': ({ id, name }) => {
      if (this.groups.some((each) => each.name === name && each.id !== id)) throw fault('group_exists');
      const kept = { id: id ?? 600 + this.#next++, name, count: 0 };
      this.groups = [...this.groups.filter((each) => each.id !== id), kept];
      this.send({ kind: 'contacts_changed' });
      return kept;
    },
    'groups.remove': ({ id }) => {
      this.groups = this.groups.filter((each) => each.id !== id);
      this.send({ kind: 'contacts_changed' });
      return {};
    },
    'outbox.list': () => this.outbox,
    'outbox.act': ({ id, decision }) => {
      const entry = this.outbox.find((each) => each.id === id);
      if (!entry) throw fault('not_found');
      if (decision === 'withdraw') {
        this.onward(id, null);
        if (entry.draft !== null) this.#keepDraft({ ...this.#draft(entry.draft), entry: null });
        return null;
      }
      this.onward(id, { state: decision === 'send' ? 'waiting' : 'filing', due: 0, refused: [], cause: null });
      return this.outbox.find((each) => each.id === id) ?? null;
    },
    status: () => this.status(),
    subscribe: () => ({}),
    sync: () => ({}),
    'accounts.recognise': ({ address }) => this.recognised(address),
    'accounts.add': ({ address }) => {
      const added = account(this.accounts.length + 1, address, address.split('@')[1] ?? '', '#0b746c');
      this.accounts.push(added);
      this.folders.push(folder(10, added.id, 'INBOX', 'inbox'), folder(19, added.id, '已删除', 'trash'));
      this.fill(10, 120);
      this.send({ kind: 'account_changed', account: added });
      this.send({ kind: 'folders_changed', account: added.id, folders: this.folders, removed: [] });
      return added;
    },
    'accounts.test': ({ settings }) => ({ failure: null, inbox_messages: 1, settings }),
    'accounts.check': ({ account: id }) => {
      const found = this.accounts.find((each) => each.id === id);
      if (!found) throw fault('not_found');
      return { failure: null, inbox_messages: this.mails.get(10)?.length ?? 0, settings: found.settings };
    },
    'accounts.order': ({ accounts }) => {
      this.accounts = this.accounts.map((each) => ({ ...each, position: accounts.indexOf(each.id) }));
      this.accounts.forEach((each) => this.send({ kind: 'account_changed', account: each }));
      return {};
    },
    'accounts.update': ({ account: id, name, color, telling }) => {
      this.accounts = this.accounts.map((each) =>
        each.id === id
          ? {
              ...each,
              name: name ?? each.name,
              color: color ?? each.color,
              telling: telling ?? each.telling,
              state: { state: 'connected', watch: 'notify' },
            }
          : each,
      );
      const changed = this.accounts.find((each) => each.id === id);
      if (!changed) throw fault('not_found');
      this.send({ kind: 'account_changed', account: changed });
      return changed;
    },
    'accounts.remove': ({ account: id }) => {
      this.accounts = this.accounts.filter((each) => each.id !== id);
      this.send({ kind: 'account_removed', account: id });
      return {};
    },
    'accounts.list': () => this.status().accounts,
    'folders.list': () => this.folders,
    'folders.update': ({ folder: id, subscribed, followed, telling, favourite }) => {
      this.folders = this.folders.map((each) =>
        each.id === id
          ? {
              ...each,
              subscribed: subscribed ?? each.subscribed,
              followed: followed ?? each.followed,
              telling: telling ?? each.telling,
              favourite: favourite ?? each.favourite,
            }
          : each,
      );
      this.recount(id);
      return this.folders.find((each) => each.id === id) ?? folder(id, 1, '', 'none');
    },
    'mail.list': ({ scope, filter, sort, offset, limit }) => {
      const rows = this.#list(scope, filter, sort);
      return {
        total: rows.length,
        unread: rows.filter((one) => one.unread).length,
        offset,
        rows: rows.slice(offset, offset + limit),
      };
    },
    'mail.locate': ({ mail: id, scope, filter, sort }) => {
      const offset = this.#list(scope, filter, sort).findIndex((one) => one.id === id);
      return { offset: offset < 0 ? null : offset };
    },
    'mail.get': ({ mail: id }): Mail => ({ ...mail(this.#find(id)), ...this.told.get(id) }),
    'mail.body': () => ({
      state: 'ready',
      html: '',
      plain: false,
      cut: false,
      remote_pictures: this.blocked,
      carried: 0,
      links: [],
      language: 'zh-CN',
      warnings: this.warnings,
    }),
    'mail.act': ({ mails, action }) => {
      const part: Partial<Record<typeof action.kind, Partial<MailRow>>> = {
        mark_read: { unread: false },
        mark_unread: { unread: true },
        star: { starred: true },
        unstar: { starred: false },
      };
      const flags = part[action.kind];
      if (flags) return { undo: this.#flag(mails, flags), count: mails.length };
      const forEver = action.kind === 'delete' && mails.every((id) => this.#find(id).folder === 19);
      if (forEver && !(action.kind === 'delete' && action.confirmed)) throw fault('confirmation_needed');
      return { undo: this.#remove(mails, !forEver), count: mails.length };
    },
    'mail.mark_all_read': ({ folder: id }) => {
      const ids = (this.mails.get(id) ?? []).filter((one) => one.unread).map((one) => one.id);
      return { undo: this.#flag(ids, { unread: false }), count: ids.length };
    },
    'folders.create': ({ account: owner, parent, name }) => {
      const above = this.folders.find((each) => each.id === parent);
      const made = folder(500 + this.#next++, owner, name, 'none', {
        parent,
        path: above ? `${above.path} / ${name}` : name,
      });
      this.folders = [...this.folders, made];
      this.send({ kind: 'folders_changed', account: owner, folders: [made], removed: [] });
      return made;
    },
    'folders.rename': ({ folder: id, name, parent }) => {
      const above = this.folders.find((each) => each.id === parent);
      this.folders = this.folders.map((each) =>
        each.id === id ? { ...each, name, parent, path: above ? `${above.path} / ${name}` : name } : each,
      );
      this.recount(id);
      return this.folders.find((each) => each.id === id) ?? folder(id, 1, name, 'none');
    },
    'folders.delete': ({ folder: id }) => {
      const owner = this.folders.find((each) => each.id === id)?.account ?? 1;
      this.folders = this.folders.filter((each) => each.id !== id);
      this.send({ kind: 'folders_changed', account: owner, folders: [], removed: [id] });
      return {};
    },
    'mail.save_attachment': () => ({}),
    'mail.save_attachments': ({ mail: id, folder: into }) => ({
      paths: mail(this.#find(id))
        .attachments.filter((each) => !each.inline)
        .map((each) => `${into}/${each.name}`),
    }),
    'mail.open_attachment': ({ mail: id, index }) => {
      const opened = mail(this.#find(id)).attachments.find((each) => each.index === index);
      if (opened?.program) throw fault('attachment_dangerous', { name: opened.name });
      return {};
    },
    'mail.source': ({ mail: id }) => ({
      text: `From: lisi@huadong.example\r\nSubject: ${this.#find(id).subject}\r\n\r\n各位好`,
      truncated: false,
    }),
    storage: () => this.storage,
    'storage.clear': () => {
      this.storage = {
        ...this.storage,
        bodies: 1_000_000,
        accounts: this.storage.accounts.map((each) => ({ ...each, bodies: 0 })),
      };
      return this.storage;
    },
    doctor: () => ({ findings: [{ code: 'store_whole', level: 'good', args: {} }] }),
    pause: ({ until }) => {
      this.settings = { ...this.settings, paused_until: until };
      this.send({ kind: 'settings_changed', settings: this.settings });
      return {};
    },
    'bubbles.test': () => ({}),
    undo: ({ undo }) => {
      const entry = undo === null ? this.#undo.at(-1) : this.#undo.find((each) => each.id === undo);
      if (!entry) throw fault('nothing_to_undo');
      this.#undo = this.#undo.filter((each) => each !== entry);
      entry.back();
      this.send({ kind: 'undo_changed', undo: this.#undo.at(-1)?.id ?? null });
      return { undo: null, count: entry.count };
    },
    'settings.get': () => this.settings,
    'settings.set': (settings) => {
      this.settings = settings;
      this.send({ kind: 'settings_changed', settings });
      return settings;
    },
  };

  async answer(method: Method, params: unknown): Promise<unknown> {
    this.calls.push({ method, params });
    const handler = (this.overrides[method] ?? this.#handlers[method]) as ((params: unknown) => unknown) | undefined;
    if (!handler) throw fault('bad_request', { detail: method });
    return handler(params);
  }
}
