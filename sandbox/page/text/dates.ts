/** Slack's date tokens, in the reader's own time and language order: day before month. */
const LOCALE = 'en-GB';

function day(at: Date, style: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(LOCALE, style).format(at);
}

const midnight = (at: Date): number => new Date(at).setHours(0, 0, 0, 0);

function nearDay(at: Date, now: Date): string | undefined {
  const days = Math.round((midnight(at) - midnight(now)) / 86_400_000);
  return { '-1': 'yesterday', '0': 'today', '1': 'tomorrow' }[String(days)];
}

export function clock(at: Date): string {
  return day(at, { hour: '2-digit', minute: '2-digit' });
}

function ago(at: Date, now: Date): string {
  const minutes = Math.round((now.getTime() - at.getTime()) / 60_000);
  if (Math.abs(minutes) < 1) return 'now';
  const [count, unit] = Math.abs(minutes) < 60 ? [minutes, 'min'] : [Math.round(minutes / 60), 'h'];
  return count > 0 ? `${count} ${unit} ago` : `in ${-count} ${unit}`;
}

function part(name: string, at: Date, now: Date): string | undefined {
  const isNear = name.endsWith('_pretty') ? nearDay(at, now) : undefined;
  if (isNear !== undefined) return isNear;
  switch (name) {
    case 'date_num':
      return day(at, { year: 'numeric', month: '2-digit', day: '2-digit' });
    case 'date':
    case 'date_pretty':
      return day(at, { year: 'numeric', month: 'long', day: 'numeric' });
    case 'date_short':
    case 'date_short_pretty':
      return day(at, { month: 'short', day: 'numeric' });
    case 'date_long':
    case 'date_long_pretty':
      return day(at, { weekday: 'long', year: 'numeric', month: 'long', day: 'numeric' });
    case 'time':
      return clock(at);
    case 'time_secs':
      return day(at, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
    case 'ago':
      return ago(at, now);
    default:
      return undefined;
  }
}

/** `{date_short_pretty} {time}` and the like, filled in; the spare text when it cannot be. */
export function dateInWords(
  seconds: number,
  { format, spare, now }: { readonly format: string; readonly spare: string; readonly now: Date },
): string {
  const at = new Date(seconds * 1000);
  if (Number.isNaN(at.getTime())) return spare;
  return format.replaceAll(/\{(\w+)\}/g, (whole, name: string) => part(name, at, now) ?? whole);
}

/** When a message was written, from its `ts`. */
export function momentOf(ts: string): Date {
  return new Date(Number(ts) * 1000);
}

export function dayInWords(at: Date, now: Date): string {
  const near = nearDay(at, now);
  if (near !== undefined) return `${near.slice(0, 1).toUpperCase()}${near.slice(1)}`;
  return day(at, { weekday: 'long', month: 'long', day: 'numeric' });
}

export function wholeMoment(at: Date): string {
  return day(at, { dateStyle: 'full', timeStyle: 'medium' });
}
