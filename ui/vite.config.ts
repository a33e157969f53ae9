import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [svelte()],
  // The window's page is embedded in the program: no public path, no old engines.
  base: './',
  build: { target: ['es2022', 'safari16'], modulePreload: { polyfill: false }, reportCompressedSize: true },
  server: { fs: { allow: ['..'] }, port: 5173, strictPort: true },
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  test: {
    include: ['src/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A browser can be late on a loaded machine, as in .config/nextest.toml; a test that needed it is named.
    retry: 2,
  },
});
