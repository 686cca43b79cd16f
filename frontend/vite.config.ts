import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Relative addresses: the window serves the files from its own scheme, the browser face from loopback.
  base: './',
  plugins: [svelte(), svelteTesting()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['es2022', 'safari16'],
    // There is nothing to preload, and no code to do it.
    modulePreload: false,
    // The content policy of both faces allows no data: addresses.
    assetsInlineLimit: 0,
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts', 'widget/src/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
  },
});
