// Prints what the window weighs, compressed: what the first paint needs, and all that one person ever loads. Exits 1 where
// either is above its bound. The second is a warning light: screens beyond the first come from the disk when wanted. A
// person has one language: what another one adds is printed and not counted.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const FIRST = 60_000;
const ALL = 160_000;
const dist = new URL('../dist/', import.meta.url).pathname;
const folder = join(dist, 'assets');
const index = readFileSync(join(dist, 'index.html'), 'utf8');
const first = readdirSync(folder).filter((name) => index.includes(name));
// What the first files import by themselves, and not when it is wanted, comes with them.
for (const name of first) {
  const imports = /(?:\bfrom|\bimport) ?["']\.\/([\w-]+\.js)["']/g;
  for (const [, found] of readFileSync(join(folder, name), 'utf8').matchAll(imports)) {
    if (!first.includes(found)) first.push(found);
  }
}

let atFirst = 0;
let all = 0;
for (const name of readdirSync(folder).filter((n) => /\.(js|css)$/.test(n))) {
  const size = gzipSync(readFileSync(join(folder, name)), { level: 9 }).length;
  if (!/^es-/.test(name)) all += size;
  if (first.includes(name)) atFirst += size;
  console.log(`${kB(size)}  ${first.includes(name) ? 'first' : '     '}  ${name}`);
}
console.log(`${kB(atFirst)}  of ${FIRST / 1000} at first, ${kB(all).trim()} of ${ALL / 1000} in all`);
if (atFirst > FIRST || all > ALL) {
  console.error('The window is heavier than its bound.');
  process.exit(1);
}

function kB(bytes) {
  return `${(bytes / 1000).toFixed(1).padStart(7)} kB gz`;
}
