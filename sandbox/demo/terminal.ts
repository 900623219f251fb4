/** Lines for a terminal of 80 columns: when, who, what. Colours only where somebody looks. */
const COLUMNS = 80;
const WHEN_COLUMNS = 7;
const WHO_COLUMNS = 10;
const TEXT_FROM = WHEN_COLUMNS + WHO_COLUMNS;

export interface Terminal {
  readonly line: (text: string) => void;
  readonly scene: (title: string) => void;
  /** With the time since the beginning; long texts go on below themselves. */
  spoken(who: string, text: string): void;
  /** A text on the left, its state on the right. */
  row(text: string, state: string): void;
}

export function openTerminal(output: NodeJS.WriteStream): Terminal {
  const since = Date.now();
  const isColoured = output.isTTY && process.env['NO_COLOR'] === undefined;
  const styled = (code: number, text: string): string =>
    isColoured ? `\u001b[${code}m${text}\u001b[0m` : text;
  const write = (text: string): void => void output.write(`${text}\n`);
  return {
    line: write,
    scene: (title) => write(`\n${styled(1, title)}`),
    spoken(who, text) {
      const when = clock(Date.now() - since).padEnd(WHEN_COLUMNS);
      const [first = '', ...more] = text
        .split('\n')
        .flatMap((one) => wrapped(one, COLUMNS - TEXT_FROM));
      write(`${styled(2, when)}${styled(1, who.padEnd(WHO_COLUMNS))}${first}`);
      for (const one of more) write(`${' '.repeat(TEXT_FROM)}${one}`);
    },
    row(text, state) {
      const room = COLUMNS - state.length - 2;
      const fits = text.length <= room ? text : `${text.slice(0, room - 1)}…`;
      write(`${fits.padEnd(room + 2)}${state}`);
    },
  };
}

/** Minutes and seconds. */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`;
}

/** Between words where that is possible. */
function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let rest = text.trimEnd();
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns);
    const at = space > 0 ? space : columns;
    lines.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...lines, rest];
}
