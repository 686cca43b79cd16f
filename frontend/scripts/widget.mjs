// Builds the live chat's widget in its two parts, and prints what a visitor's browser loads before the first message,
// compressed. Exits 1 above the bound.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BOUND = 12_000;
for (const part of ['loader', 'frame']) {
  const env = { ...process.env, WIDGET_PART: part };
  execFileSync('npx', ['vite', 'build', '--config', 'widget/vite.config.ts', '--logLevel', 'warn'], {
    env,
    stdio: 'inherit',
  });
}
let total = 0;
for (const name of ['widget.js', 'frame.html', 'frame.js', 'frame.css']) {
  const size = gzipSync(readFileSync(new URL(`../widget/dist/${name}`, import.meta.url)), { level: 9 }).length;
  total += size;
  console.log(`${(size / 1000).toFixed(1).padStart(7)} kB gz  ${name}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(7)} kB gz  of ${BOUND / 1000} before the first message of a chat`);
if (total > BOUND) {
  console.error('The widget is heavier than its bound.');
  process.exit(1);
}
