import { copyFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The launcher is one classic script, for pages load it without knowing of modules; the frame's is another.
const loader = process.env.WIDGET_PART === 'loader';

export default defineConfig({
  root: here('.'),
  base: '/chat/',
  publicDir: false,
  plugins: [
    {
      name: 'page',
      closeBundle() {
        copyFileSync(here('frame.html'), here('dist/frame.html'));
        copyFileSync(here('src/demo.css'), here('dist/demo.css'));
      },
    },
  ],
  build: {
    outDir: here('dist'),
    emptyOutDir: false,
    target: ['es2022', 'safari16'],
    modulePreload: false,
    rolldownOptions: {
      input: here(loader ? 'src/loader.ts' : 'src/frame.ts'),
      output: {
        format: loader ? 'iife' : 'es',
        entryFileNames: loader ? 'widget.js' : 'frame.js',
        chunkFileNames: '[name].js',
        assetFileNames: 'frame.[ext]',
      },
    },
  },
});
