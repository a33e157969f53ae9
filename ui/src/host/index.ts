//! The only door out of the page.

import { browserHost } from './browser';
import type { Host } from './host';
import { joined } from './queries';
import { tauriHost } from './tauri';

export const host: Host = joined('__TAURI_INTERNALS__' in window ? tauriHost() : browserHost());

export { asApiError, isApiError, type BodyView, type Host } from './host';
export type * from './api';
