import { connect, type ConnectOptions, type Session } from './connect.ts';

const SESSIONS_MAX = 3;
/** An idle connection of ours would stand in the way of those who want the database for themselves. */
const IDLE_MS = 5_000;

/** A few connections that are opened when needed and closed soon after. */
export interface Reader {
  /** Gives the work a connection of its own while it runs. */
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function openReader(url: string, options: ConnectOptions): Reader {
  const idle: { readonly session: Session; readonly timer: NodeJS.Timeout }[] = [];
  const waiting: (() => void)[] = [];
  let busy = 0;

  const take = async (): Promise<Session> => {
    if (busy >= SESSIONS_MAX) await new Promise<void>((free) => waiting.push(free));
    busy += 1;
    for (let next = idle.pop(); next !== undefined; next = idle.pop()) {
      clearTimeout(next.timer);
      if (!next.session.lost.aborted) return next.session;
    }
    return connect(url, options);
  };
  const keep = (session: Session): void => {
    const timer = setTimeout(() => {
      idle.splice(
        idle.findIndex((each) => each.session === session),
        1,
      );
      void session.end();
    }, IDLE_MS);
    timer.unref();
    idle.push({ session, timer });
  };

  return {
    async read(work) {
      let session: Session | undefined;
      try {
        session = await take();
        return await work(session);
      } finally {
        busy -= 1;
        if (session !== undefined && !session.lost.aborted) keep(session);
        waiting.shift()?.();
      }
    },
    async close() {
      const all = idle.splice(0);
      for (const { timer } of all) clearTimeout(timer);
      await Promise.all(all.map(({ session }) => session.end()));
    },
  };
}
