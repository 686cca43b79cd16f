import { fileURLToPath } from 'node:url';
import config from './playwright.config';

/** Draws the picture of README.md anew: `make picture`. */
export default {
  ...config,
  testMatch: 'picture.ts',
  metadata: { picture: fileURLToPath(new URL('../../build/readme.png', import.meta.url)) },
};
