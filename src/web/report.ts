import { createHash } from 'node:crypto';
import { verifyReportLink } from './report-link.ts';
import { answerText, type Route } from './route.ts';

export interface ReportEntry {
  readonly at: Date;
  readonly who: string;
  readonly what: string;
  /** Output or a longer text, shown as it is. */
  readonly details?: string | undefined;
}

export interface Report {
  readonly id: string;
  readonly title: string;
  /** What is true now, in one sentence. */
  readonly state: string;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** Oldest first. */
  readonly timeline: readonly ReportEntry[];
}

export interface ReportReaders {
  /** Null when there is no such incident. */
  read(id: string): Promise<Report | null>;
  now(): Date;
  readonly key: string;
}

/** `/incidents/:id`: an incident's timeline, for whoever holds a link that was signed and has not expired. */
export function report(readers: ReportReaders): Route {
  return {
    method: 'GET',
    path: '/incidents/:id',
    async handle({ params, query }) {
      const id = params['id'] ?? '';
      const { until, signature } = query;
      const link = verifyReportLink({ id, until, signature, key: readers.key, now: readers.now() });
      if (link === 'forged') {
        return answerText(403, 'This page needs a link from Slack. Type /rollback history there.');
      }
      if (link === 'expired') {
        return answerText(
          403,
          'This link has expired. Type /rollback history in Slack for a new one.',
        );
      }
      const found = await readers.read(id);
      if (found === null) return answerText(404, 'There is no such incident.');
      return { status: 200, headers: PAGE_HEADERS, body: drawReport(found) };
    },
  };
}

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 46rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; margin-bottom: 0; }
dl { display: grid; grid-template-columns: minmax(7rem, auto) 1fr; gap: .25rem 1rem; }
dt, time, .who { opacity: .7; }
dd { margin: 0; }
ol { list-style: none; padding: 0; }
li { border-left: 3px solid #8888; padding: .25rem 0 .75rem 1rem; }
time, .who { font-size: .85rem; }
p { margin: 0; }
pre { overflow-x: auto; background: #8882; padding: .5rem; font-size: .85rem; }
`;

// Nothing in it can run or load anything, whatever was typed into an incident.
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
};

function drawReport({ id, title, state, facts, timeline }: Report): string {
  const began = timeline[0]?.at;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(id)}: ${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escape(id)}: ${escape(title)}</h1>
<p>${escape(state)}</p>
<dl>
${facts.map(({ name, value }) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join('\n')}
</dl>
<ol>
${timeline.map((entry) => drawEntry(entry, began ?? entry.at)).join('\n')}
</ol>
</body>
</html>
`;
}

function drawEntry({ at, who, what, details }: ReportEntry, began: Date): string {
  const output = details === undefined ? '' : `<pre>${escape(details)}</pre>`;
  return `<li><time datetime="${at.toISOString()}">${sayTime(at)} (${sayElapsed(began, at)})</time> <span class="who">${escape(who)}</span><p>${escape(what)}</p>${output}</li>`;
}

function sayTime(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `+1:02:03` since the beginning. */
function sayElapsed(began: Date, at: Date): string {
  const seconds = Math.max(0, Math.round((at.getTime() - began.getTime()) / 1_000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  return `+${Math.floor(seconds / 3_600)}:${parts.map((part) => String(part).padStart(2, '0')).join(':')}`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
