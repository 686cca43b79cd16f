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
    // The content policy of both faces allows neither inline scripts nor data: modules.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      // What is asked for later is small, and compresses far better in one file than each alone.
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: 'later', test: /screens\/(Settings|Palette|Keys|Invite|Welcome)|ui\/Field/ }],
        },
      },
    },
  },
  test: {
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
  },
});
