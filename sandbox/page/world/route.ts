/** Who looks, and at what: kept in the address, so that reloading and going back work. */
export interface Route {
  readonly me: string;
  readonly channel: string;
  readonly thread: string | null;
}

export function readRoute(hash: string): Route {
  const [me = '', channel = '', thread = ''] = hash.replace(/^#/, '').split('/');
  return { me, channel, thread: thread === '' ? null : thread };
}

export function writtenRoute({ me, channel, thread }: Route): string {
  return `#${[me, channel, ...(thread === null ? [] : [thread])].join('/')}`;
}
