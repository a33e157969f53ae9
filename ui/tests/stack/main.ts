//! Several mails one under another, as a conversation will show them: the product's own frames, and nothing around them.

import { mount } from 'svelte';
import '../../src/tokens.css';
import Stack from './Stack.svelte';

const target = document.getElementById('stack');
const { texts } = window as unknown as { texts: string[] };
if (target) mount(Stack, { target, props: { texts } });
