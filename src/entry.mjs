/**
 * `node src/entry.mjs <program> …`: starts a program of ours, or says in one sentence why it cannot run here.
 * Not TypeScript: an older Node, which cannot read that, has to be able to say so.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const NODE_MAJOR_MIN = 24;
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

const problem = problemHere();
if (problem === null) {
  const [, , program = 'src/main.ts', ...args] = process.argv;
  const file = join(root, program);
  process.argv = [process.execPath, file, ...args];
  await import(pathToFileURL(file).href);
} else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
}

function problemHere() {
  const { node } = process.versions;
  if (Number(node.split('.')[0]) < NODE_MAJOR_MIN) {
    return `Backout needs Node ${NODE_MAJOR_MIN} or newer, and this is ${node}: install it, or run \`npm ci\` in ${root}, which brings one for \`npm start\` and \`npm run backout\`.`;
  }
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const isMissing = (name) => !existsSync(join(root, 'node_modules', name, 'package.json'));
  return Object.keys(dependencies).some(isMissing)
    ? `Backout's packages are not all there: run \`npm ci\` in ${root}.`
    : null;
}
