/** What a text needs to know to name people and channels. */
export interface Names {
  readonly me: string;
  readonly people: Readonly<Record<string, string>>;
  /** Only those that this person can open. */
  readonly channels: Readonly<Record<string, string>>;
  readonly open: (channelId: string) => void;
  readonly now: Date;
}
