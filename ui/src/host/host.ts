//! What the page may ask of the program that shows it. Everything outside this folder sees only this.

import type { ApiError, Body, ContactsImported, Event, Method, Requests } from './api';

export type Params<M extends Method> = Requests[M]['params'];
export type Answer<M extends Method> = Requests[M]['answer'];

/** What the page is told at its start. */
export interface Start {
  /** The mail that the window was opened for. */
  mail: number | null;
  /** The window shows this one mail and nothing else. */
  alone: boolean;
  /** The window shows this draft and nothing else. */
  draft: number | null;
  /** A `mailto:` address that the window was opened for. */
  mailto: string | null;
  /** `linux`, `windows`, `macos`. */
  platform: string;
}

/** How a mail's text is to be shown. */
export interface BodyView {
  /** Whether pictures from the network may be asked for. */
  remote: boolean;
  theme: 'light' | 'dark';
  /** Whether a long text is wanted to its end. */
  whole: boolean;
}

export interface Host {
  start(): Promise<Start>;
  /** One request; rejects with an {@link ApiError}. */
  call<M extends Method>(method: M, params: Params<M>): Promise<Answer<M>>;
  /** Hands every event to `handler`. `goodbye` says that the line to the agent broke, `overflow` that all is to be asked anew. */
  events(handler: (event: Event) => void): Promise<void>;
  /** What is known of a mail's text; the `html` of one that is ready is the sealed document for a frame without scripts. */
  body(mail: number, view: BodyView): Promise<Body>;
  /** The original that a draft quotes, as a sealed document like any mail's text. */
  draftQuote(draft: number, view: BodyView): Promise<Body>;
  /** Asks for files and attaches them; nothing when the person changed their mind. */
  attachDialog(draft: number): Promise<void>;
  /** Asks for a file of contacts and reads it; nothing when the person changed their mind. */
  importContacts(): Promise<ContactsImported | null>;
  /** Shows a draft in a window of its own. */
  openDraft(draft: number): Promise<void>;
  openExternal(url: string): Promise<void>;
  /** Asks where to write a file; nothing when the person changed their mind. */
  saveDialog(name: string): Promise<string | null>;
  /** Asks for a folder to write files into; nothing when the person changed their mind. */
  folderDialog(): Promise<string | null>;
  /** Shows a mail in a window of its own. */
  openMail(mail: number): Promise<void>;
  /** The system's print dialog for what the window shows. */
  print(): Promise<void>;
  /** Hands over each `mailto:` address that comes after the start. */
  onMailto(handler: (address: string) => void): void;
  window: {
    /** Closes the window that this page is in. */
    close(): void;
    /** Size of the page in percent. */
    zoom(percent: number): void;
    title(text: string): void;
    badge(count: number): void;
  };
}

/** Whether something thrown is an error of the api. */
export function isApiError(value: unknown): value is ApiError {
  return typeof value === 'object' && value !== null && 'code' in value && 'args' in value;
}

/** Any thrown thing as an error that has words. */
export function asApiError(value: unknown): ApiError {
  if (isApiError(value)) return value;
  return { code: 'internal', args: { detail: value instanceof Error ? value.message : String(value) }, cause: null };
}
