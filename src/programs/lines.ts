import { mask } from './mask.ts';

const LINE_CHARS_MAX = 2_000;
/** Masked before it is cut, so that a cut never leaves half a secret. */
const LINE_CHARS_READ = 4 * LINE_CHARS_MAX;

// oxlint-disable-next-line no-control-regex -- terminals' colours and control characters are what we remove
const CONTROL = /\u001b\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Turns chunks of output into lines: masked, without control characters, at most 2,000 characters. */
export function lineSplitter({
  secrets,
  onLine,
}: {
  readonly secrets: readonly string[];
  readonly onLine: (line: string) => void;
}): { push(chunk: Uint8Array): void; end(): void } {
  const decoder = new TextDecoder();
  let rest = '';

  const take = (text: string): void => {
    // A progress bar rewrites its line with a carriage return: each state is a line for us.
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? '').slice(0, LINE_CHARS_READ);
    for (const line of lines) onLine(bounded(line, secrets));
  };
  return {
    push: (chunk) => take(decoder.decode(chunk, { stream: true })),
    end: () => {
      take(decoder.decode());
      if (rest !== '') onLine(bounded(rest, secrets));
      rest = '';
    },
  };
}

function bounded(line: string, secrets: readonly string[]): string {
  const masked = mask(line.slice(0, LINE_CHARS_READ).replace(CONTROL, ''), secrets);
  return masked.length > LINE_CHARS_MAX ? `${masked.slice(0, LINE_CHARS_MAX)}…` : masked;
}

/** Keeps the first so many bytes of the lines it is given. */
export function head(bytesMax: number): { add(line: string): void; text(): string } {
  const lines: string[] = [];
  let bytes = 0;
  return {
    add(line) {
      if (bytes >= bytesMax) return;
      lines.push(line);
      bytes += Buffer.byteLength(line) + 1;
    },
    text: () => Buffer.from(lines.join('\n')).subarray(0, bytesMax).toString(),
  };
}

/** Keeps the last so many bytes of the lines it is given. */
export function tail(bytesMax: number): { add(line: string): void; text(): string } {
  const lines: string[] = [];
  let bytes = 0;
  return {
    add(line) {
      lines.push(line);
      bytes += Buffer.byteLength(line) + 1;
      while (bytes > bytesMax && lines.length > 1) {
        bytes -= Buffer.byteLength(lines.shift() ?? '') + 1;
      }
    },
    text: () => Buffer.from(lines.join('\n')).subarray(-bytesMax).toString(),
  };
}
