import { readFile, realpath } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { extname, join, sep } from 'node:path';
import type { Reply } from './http.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

const NOT_FOUND: Reply = { status: 404, body: 'not found' };

/** The file below the folder, or undefined when the path leads out of it, or nowhere. */
async function findFile(folder: string, pathname: string): Promise<string | undefined> {
  try {
    const inside = decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname);
    if (inside.includes('\0')) return undefined;
    const root = await realpath(folder);
    // Links are followed first, so that none of them leads out either.
    const file = await realpath(join(root, inside));
    return file.startsWith(root + sep) ? file : undefined;
  } catch {
    return undefined;
  }
}

/** A file of the page; TypeScript arrives in the browser as JavaScript. */
export async function pageFile(folder: string, pathname: string): Promise<Reply> {
  const file = await findFile(folder, pathname);
  const type = file === undefined ? undefined : TYPES[extname(file)];
  if (file === undefined || type === undefined) return NOT_FOUND;
  const headers = { 'content-type': type, 'cache-control': 'no-store' };
  if (extname(file) !== '.ts') return { status: 200, headers, body: await readFile(file) };
  const source = await readFile(file, 'utf8');
  return { status: 200, headers, body: stripTypeScriptTypes(source, { mode: 'strip' }) };
}
