import { spawn } from 'node:child_process';

/** Something that stops the set-up and that the reader can mend: the message is the sentence they read. */
export class SetupProblem extends Error {}

const HEARTBEAT_MS = 5_000;
const REMEMBERED_LINES_MAX = 200;
const SHOWN_LINES_MAX = 12;
const QUICK_TIMEOUT_MS = 20_000;

/** What a program said when asked something short: `null` when it is not there or does not answer well. */
export function answer(file, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      env: options.env ?? process.env,
      cwd: options.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: QUICK_TIMEOUT_MS,
    });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.stderr.on('data', (chunk) => (said += chunk));
    child.on('error', () => resolve(null));
    child.on('close', (code) => resolve(code === 0 ? said.trim() : null));
  });
}

/**
 * Runs something that takes a while and says every few seconds how long it has been at it.
 * The result is whether it worked, how long it took, and its last lines.
 */
export function work(file, args, { env = process.env, cwd, progress } = {}) {
  const startedAt = Date.now();
  const lines = [];
  return new Promise((resolve) => {
    const child = spawn(file, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const remember = (chunk) => {
      for (const line of String(chunk).split(/[\r\n]+/)) {
        if (line.trim() === '') continue;
        progress?.count(line);
        lines.push(line.trimEnd());
      }
      lines.splice(0, lines.length - REMEMBERED_LINES_MAX);
    };
    child.stdout.on('data', remember);
    child.stderr.on('data', remember);
    const heartbeat = setInterval(() => {
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      say(`      ${seconds} s, ${progress?.text() ?? clipped(lines.at(-1) ?? 'working')}`);
    }, HEARTBEAT_MS);
    const finish = (ok) => {
      clearInterval(heartbeat);
      resolve({
        ok,
        lines,
        seconds: Math.round((Date.now() - startedAt) / 1000),
      });
    };
    child.on('error', (error) => {
      lines.push(error.message);
      finish(false);
    });
    child.on('close', (code) => finish(code === 0));
  });
}

export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** The last lines of a program that failed, set off so that they are not taken for ours. */
export function quoted(lines) {
  return lines
    .slice(-SHOWN_LINES_MAX)
    .map((line) => `      | ${clipped(line)}`)
    .join('\n');
}

/** The first number with dots in a text such as `postgres (PostgreSQL) 15.18 (Debian …)`. */
export function versionIn(text) {
  return /\d+(?:\.\d+)+/.exec(text ?? '')?.[0] ?? null;
}

export function isAtLeast(version, wanted) {
  const have = version.split('.').map(Number);
  const need = wanted.split('.').map(Number);
  for (let place = 0; place < need.length; place += 1) {
    const difference = (have[place] ?? 0) - (need[place] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

function clipped(line) {
  return line.length > 110 ? `${line.slice(0, 109)}…` : line;
}
