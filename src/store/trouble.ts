/** Why the store cannot be reached or used, in words that end with what to do. */
import { z } from 'zod';

const EMPTY = {
  is: 'is empty: start Backout once, and it sets the store up',
  mend: 'The store is empty.',
};

const TROUBLES: Readonly<Record<string, { readonly is: string; readonly mend: string }>> = {
  '28P01': {
    is: 'does not take the password',
    mend: 'Correct the password in the address, or the role’s with `alter role … password`.',
  },
  '28000': {
    is: 'does not let this role in',
    mend: 'Correct the role in the address, or make it with `create role … login`.',
  },
  '3D000': {
    is: 'does not have this database',
    mend: 'Correct the database in the address, or make it with `create database`.',
  },
  '3F000': EMPTY,
  '42P01': EMPTY,
  '42501': {
    is: 'does not let this role read: start Backout once with this STORE_URL, and it gives the rights',
    mend: 'Its role lacks the rights for it.',
  },
  '53300': { is: 'has no free connection left', mend: 'Raise its `max_connections`.' },
  '57P03': { is: 'is starting or stopping', mend: 'Try again when it is up.' },
  ECONNREFUSED: {
    is: 'refuses the connection',
    mend: 'Start PostgreSQL there, or correct host and port in the address.',
  },
  ENOENT: {
    is: 'has no socket there',
    mend: 'Start PostgreSQL, or correct the folder in the address.',
  },
  ENOTFOUND: {
    is: 'cannot be found: its name does not resolve',
    mend: 'Correct the host in the address.',
  },
};
const NO_FILE = {
  is: 'cannot be asked: a certificate file of its address cannot be read',
  mend: 'Correct `sslrootcert`, `sslcert` or `sslkey`. For `sslrootcert=system` name the file, for example `/etc/ssl/certs/ca-certificates.crt`.',
};
const Coded = z.object({ code: z.string() });
/** A socket is connected to; what is opened is a file. */
const Opening = z.object({ syscall: z.literal('open') });

/** The SQLSTATE or the system's code. */
export function codeOf(error: unknown): string {
  return Coded.safeParse(error).data?.code ?? '';
}

/** The end of a sentence that begins with "The store". */
export function troubleWith(error: unknown): string {
  return troubleAt(error).is;
}

/** The store was not there when Backout started: which variable leads to it, and what to do. */
export function unreachable(error: unknown, variable: StoreVariable): Error {
  const { is, mend } = troubleAt(error);
  return new Error(`The store ${is} (${variable}). ${mend}`, { cause: error });
}

export type StoreVariable = 'STORE_URL' | 'STORE_OWNER_URL';

function troubleAt(error: unknown): { readonly is: string; readonly mend: string } {
  if (Opening.safeParse(error).success) return NO_FILE;
  const known = TROUBLES[codeOf(error)];
  if (known !== undefined) return known;
  const message = error instanceof Error ? error.message : '';
  return /SSL|certificate|self.signed/i.test(message)
    ? { is: 'does not make a secure connection', mend: 'Look at `sslmode` in the address.' }
    : { is: 'cannot be reached', mend: 'Look at the address, and at the network between.' };
}
