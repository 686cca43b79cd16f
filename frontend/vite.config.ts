import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

const LATER = /screens\/(Settings|Palette|Keys|Invite|Welcome)\.svelte|ui\/(Field|Choice)\.svelte/;

export default defineConfig({
  // Relative addresses: the window serves the files from its own scheme, the browser face from loopback.
  base: './',
  plugins: [svelte(), svelteTesting()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: ['es2022', 'safari16'],
    // There is one file to load later and one style sheet: nothing to preload, and no code to do it.
    modulePreload: false,
    cssCodeSplit: false,
    // The content policy of both faces allows no data: addresses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      // What is asked for later is small: it compresses far better in one file than each alone. The same holds for what
      // is shown at once.
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'later', test: LATER, priority: 1 },
            { name: 'main', test: (id) => !LATER.test(id) && !id.endsWith('words/es.ts') },
          ],
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
