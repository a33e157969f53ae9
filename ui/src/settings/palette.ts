/** Colours of accounts: told apart in both themes, also with a weak sense of red and green. */
export const PALETTE = ['#0b746c', '#b06a3b', '#3f6db0', '#7a5aa6', '#a0485e', '#8a6a1f', '#5d7f3a', '#3b7d8f'];
