// Prints what the whole window weighs for one person, compressed, and exits 1 above the bound. A person has one language:
// what another one adds is printed and not counted.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BOUND = 60_000;
const folder = new URL('../dist/assets', import.meta.url).pathname;

let total = 0;
for (const name of readdirSync(folder).filter((n) => /\.(js|css)$/.test(n))) {
  const size = gzipSync(readFileSync(join(folder, name)), { level: 9 }).length;
  if (!/^es-/.test(name)) total += size;
  console.log(`${(size / 1000).toFixed(1).padStart(7)} kB gz  ${name}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(7)} kB gz  of ${BOUND / 1000}`);
if (total > BOUND) {
  console.error('The window is heavier than its bound.');
  process.exit(1);
}
