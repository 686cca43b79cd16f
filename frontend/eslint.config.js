import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

export default ts.config(
  { ignores: ['dist/', 'widget/dist/', 'node_modules/', 'wailsjs/', 'public/', 'test-results/'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  { languageOptions: { globals: { ...globals.browser, ...globals.node } } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  {
    rules: {
      // Message text, names and file names are data: they never become markup.
      'svelte/no-at-html-tags': 'error',
      'no-restricted-properties': ['error', { property: 'innerHTML' }, { property: 'outerHTML' }],
      // TypeScript knows the DOM's types; this rule does not.
      'no-undef': 'off',
      'max-lines': ['error', 350],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // Maps and sets in state classes are replaced, or plain on purpose where nothing on screen depends on them.
    files: ['**/*.ts'],
    rules: { 'svelte/prefer-svelte-reactivity': 'off' },
  },
);
