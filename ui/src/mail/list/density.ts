//! How much room a row takes.

import type { Density } from '../../host';

export const DENSITIES: readonly Density[] = ['comfortable', 'compact', 'line'];

/** Heights in CSS pixels. */
export const ROW: Record<Density, number> = { comfortable: 78, compact: 52, line: 30 };
export const HEADING = 30;
