//! What is offered to the commands while it stands.

import { describe, expect, it } from 'vitest';
import { provide, provided } from '../../src/commands/provided.svelte';

describe('what a component offers', () => {
  it('is there while it stands; the last one that came is asked', () => {
    const asked: string[] = [];
    expect(provided('view_source')).toBeUndefined();
    const first = provide('view_source', () => asked.push('first'));
    const second = provide('view_source', () => asked.push('second'));
    provided('view_source')?.();
    second();
    provided('view_source')?.();
    first();
    expect(asked).toEqual(['second', 'first']);
    expect(provided('view_source')).toBeUndefined();
    expect(provided('print')).toBeUndefined();
  });
});
