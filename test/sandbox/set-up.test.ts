import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const NOWHERE = 'http://127.0.0.1:9';

/** The set-up as in a fresh clone whose packages are there; nothing is built and nothing comes from outside. */
async function clone({
  hasPackages = true,
}: { readonly hasPackages?: boolean } = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'backout-set-up-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const name of ['package.json', 'package-lock.json', join('sandbox', 'setup')]) {
    await cp(join(ROOT, name), join(root, name), { recursive: true });
  }
  if (!hasPackages) return root;
  const packages = join(ROOT, 'node_modules');
  await mkdir(join(root, 'node_modules', '.bin'), { recursive: true });
  for (const name of ['.package-lock.json', 'playwright-core']) {
    await symlink(join(packages, name), join(root, 'node_modules', name));
  }
  await symlink(process.execPath, join(root, 'node_modules', '.bin', 'node'));
  return root;
}

function setUp(
  root: string,
  ...args: readonly string[]
): Promise<{ readonly said: string; readonly exitCode: number | null }> {
  const program = join(root, 'sandbox', 'setup', 'setup.mjs');
  const env = {
    HOME: root,
    PATH: '/usr/lib/postgresql/15/bin:/usr/bin:/bin',
    // Go is not reached over it either, and its cache is empty.
    NODE_USE_ENV_PROXY: '1',
    HTTPS_PROXY: NOWHERE,
    GOPROXY: NOWHERE,
    GOFLAGS: '-mod=mod',
  };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { env }, (_error, out, err) =>
      resolve({ said: out + err, exitCode: child.exitCode }),
    );
  });
}

test('without golang-migrate the set-up of the demo goes on, and the one of the tests stops with one command', async () => {
  const root = await clone();
  const demo = await setUp(root);
  expect(demo.said).toContain('the demo uses the built-in runner instead');
  expect(demo.exitCode).toBe(0);

  const tests = await setUp(root, '--tests');
  expect(tests.said).toContain('The tests need golang-migrate, and it could not be had here.');
  expect(tests.said).toMatch(/start again:\n\n {2}\S.*(?:go|golang-migrate)/);
  expect(tests.exitCode).toBe(1);
});

test('packages that are a link to nowhere are told, with the command that mends it', async () => {
  for (const to of ['gone', 'node_modules']) {
    const root = await clone({ hasPackages: false });
    await symlink(to, join(root, 'node_modules'));
    const { said, exitCode } = await setUp(root);
    expect(said).toContain('node_modules is a link that leads nowhere.');
    expect(said).toContain(`rm '${join(root, 'node_modules')}'`);
    expect(exitCode).toBe(1);
  }
});
