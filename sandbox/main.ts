/**
 * `npm run demo`: a whole world on this machine, with Backout in it. At a terminal it prints the page's address and
 * waits; `-- --serve` does the same without one; `-- --walk`, and any run without a terminal, plays a whole rollback.
 */
import { parseArgs } from 'node:util';

import { openEndings, type Endings } from './demo/endings.ts';
import { openDesk } from './demo/live.ts';
import { demoRoutes } from './demo/routes.ts';
import { buildStage, type Address } from './demo/stage.ts';
import { openTerminal, type Terminal } from './demo/terminal.ts';
import { walk } from './demo/walk.ts';
import { foundPrograms } from './servers/programs.ts';

const NODE_MAJOR_MIN = 24;
const ARCHIVE_AFTER_MINUTES = 3;
/** npm passes on a Ctrl-C that has reached us already. */
const SAME_WISH_MS = 700;
const SIGNALS = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

async function main(): Promise<void> {
  const mode = readMode();
  const address = readAddress();
  const terminal = openTerminal(process.stdout);
  const endings = openEndings();
  endOnSignals(endings, { isPlaying: mode === 'walk', terminal });
  process.stdout.on('error', () => void endings.endAll().then(() => process.exit(1)));
  sayWhatIsReal(terminal);
  if (mode === 'walk') process.exit(await walk({ endings, address, terminal }));
  try {
    await serve({ endings, address, terminal });
  } catch (error) {
    // Whoever ended it knows why it did not start.
    if (endings.haveBegun()) return;
    await endings.endAll();
    throw error;
  }
}

function readMode(): 'walk' | 'serve' {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major < NODE_MAJOR_MIN) {
    fail(
      `The demo needs Node ${NODE_MAJOR_MIN}; this is ${process.versions.node}. Run \`npm run demo\`, which brings it.`,
    );
  }
  try {
    const { values } = parseArgs({
      options: { walk: { type: 'boolean' }, serve: { type: 'boolean' } },
    });
    if (values.serve === true) return 'serve';
    const hasTerminal = process.stdout.isTTY && process.stdin.isTTY;
    return values.walk === true || !hasTerminal ? 'walk' : 'serve';
  } catch {
    return fail('Say `npm run demo`, `npm run demo -- --walk` or `npm run demo -- --serve`.');
  }
}

function readAddress(): Address {
  const { SANDBOX_HOST: host = '127.0.0.1', SANDBOX_PORT: given } = process.env;
  if (given === undefined || given === '') return { host, port: null };
  const port = Number(given);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    fail(`SANDBOX_PORT is ${given}; a port is a number from 0 to 65535.`);
  }
  return { host, port };
}

function sayWhatIsReal(terminal: Terminal): void {
  const hasMigrate = foundPrograms().migrate !== null;
  const tool = hasMigrate ? 'golang-migrate, ' : '';
  terminal.line(
    `Real here: PostgreSQL, ${tool}pg_dump, Redis, two HTTP services. Stand-ins: Slack, the pager.`,
  );
  if (!hasMigrate) {
    terminal.line(
      'golang-migrate could not be installed: Backout’s built-in runner is used instead.',
    );
  }
}

async function serve(given: {
  readonly endings: Endings;
  readonly address: Address;
  readonly terminal: Terminal;
}): Promise<void> {
  const { endings, terminal } = given;
  const stage = await buildStage({
    ...given,
    archiveAfterMinutes: ARCHIVE_AFTER_MINUTES,
    routes: (now) => demoRoutes(openDesk(now, terminal)),
    say: (text) => void (endings.haveBegun() || terminal.spoken('demo', text)),
  });
  const { port } = new URL(stage.slack.url);
  endings.keep(
    setInterval(() => undefined, 60_000),
    clearInterval,
  );
  terminal.line(`\nOpen http://127.0.0.1:${port}/ and type /rollback start. Ctrl-C ends it all.`);
}

/** In order the first time; a second time at once, and what is left dies with us. */
function endOnSignals(
  endings: Endings,
  { isPlaying, terminal }: { readonly isPlaying: boolean; readonly terminal: Terminal },
): void {
  let askedAt = Infinity;
  for (const [signal, code] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (Date.now() - askedAt > SAME_WISH_MS) process.exit(code);
      if (askedAt !== Infinity) return;
      askedAt = Date.now();
      terminal.line('\nEnding …');
      // Somebody who looked around and leaves has met no failure.
      process.exitCode = isPlaying ? code : 0;
      void endings.endAll().then(() => process.exit());
    });
  }
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
