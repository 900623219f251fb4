import { z } from 'zod';
import { Fault, type FaultReason } from '../doors.ts';
import { mask } from '../programs/mask.ts';

/** What node-postgres and the network put on their errors. */
const OutsideError = z.object({ code: z.string().optional(), message: z.string() });

/** SQLSTATEs, by their beginning; the longest that fits decides. `say` null: the server's own words are best. */
const STATES: Readonly<Record<string, readonly [FaultReason, string | null]>> = {
  '08': ['unreachable', 'The connection to the database broke.'],
  '28': ['refused', 'The database did not accept the user or the password of the URL.'],
  '3D000': ['not-found', null],
  '40': ['failed', null],
  '42501': ['not-permitted', null],
  '53300': ['refused', 'The database has no free connection left.'],
  '55P03': ['timed-out', 'Somebody else holds a lock that this needs; it was not given in time.'],
  '57014': ['stopped', 'Somebody asked the database to cancel this.'],
  '57P': ['unreachable', 'The database is shutting down, starting up, or ended our connection.'],
};

const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing answers at the address of the database.',
  ENOTFOUND: 'The host of the database URL has no address.',
  EAI_AGAIN: 'The host of the database URL could not be looked up.',
  ETIMEDOUT: 'The database did not answer in time.',
  EHOSTUNREACH: 'The host of the database cannot be reached.',
  ENETUNREACH: 'The network of the database cannot be reached.',
  ECONNRESET: 'The connection to the database broke.',
  EPIPE: 'The connection to the database broke.',
  ENOENT: 'There is no database socket at the path of the URL.',
};

/** The server is silent: node-postgres stopped waiting. */
export function isSilence(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

/** A lock that somebody else holds was not given in time. */
export function isLockTimeout({ cause }: Fault): boolean {
  return OutsideError.safeParse(cause).data?.code === '55P03';
}

/** Says in plain words what went wrong. Only the server's own primary message is repeated, masked; never a library's. */
export function faultOf(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const outside = OutsideError.safeParse(error);
  const { code = '', message } = outside.data ?? { message: '' };

  if (isSilence(error) || message === 'timeout expired') {
    return fault('timed-out', 'The database did not answer in time.', error);
  }
  const network = NETWORK[code];
  if (network !== undefined) return fault('unreachable', network, error);
  if (/^(?!E)[0-9A-Z]{5}$/.test(code)) return faultOfState(code, message, error);
  if (/SSL|certificate|self.signed/i.test(message)) {
    return fault(
      'refused',
      'A secure connection to the database could not be made: look at sslmode in its URL.',
      error,
    );
  }
  return fault('unreachable', 'The connection to the database broke.', error);
}

function faultOfState(code: string, message: string, error: unknown): Fault {
  const [why, say] = STATES[code] ??
    STATES[code.slice(0, 3)] ??
    STATES[code.slice(0, 2)] ?? ['failed', null];
  // The same SQLSTATE serves for a timeout and for a person's cancel: only the message tells.
  if (code === '57014' && message.includes('timeout')) {
    return fault('timed-out', 'The database did not finish in the time it was given.', error);
  }
  return fault(why, say ?? `The database said: ${mask(message)}`, error);
}

function fault(why: FaultReason, say: string, cause: unknown): Fault {
  return new Fault(why, say, { cause });
}
