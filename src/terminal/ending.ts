/** How a word typed in a terminal ends: what is printed, and the exit code that scripts read. */

export const EXIT_CODES = {
  ok: 0,
  /** Refused; for `lock`: locked; for `check` and `verify-audit`: something is wrong. */
  no: 1,
  /** The words or the configuration are not right; for `lock`: nobody knows. */
  usage: 2,
  /** Not confirmed, or broken: what was asked for may still have been taken. */
  unsure: 3,
} as const;

export interface Ending {
  readonly exit: keyof typeof EXIT_CODES;
  readonly text: string;
  /** A remark beside it, which scripts do not read. */
  readonly aside?: string;
}
