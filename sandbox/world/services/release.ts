/** What differs between two releases of a service: its statements, and how it fills them in. */

export type ServiceName = 'auth-service' | 'gateway-service';
export type ReleaseNumber = 7 | 8;

export interface AuthRelease {
  /** $1 the address that was typed in; gives id, salt and secret_hash. */
  readonly findAccount: string;
  /** Parameters as `sessionValues` gives them; gives id. */
  readonly addSession: string;
  sessionValues(session: NewSession): readonly (string | number | null)[];
  /** $1 the token's hash; gives id, session_id, account_id and email. */
  readonly findRefreshToken: string;
}

export interface NewSession {
  readonly accountId: number;
  readonly tokenHash: string;
  /** What the client said of itself; most browsers say nothing. */
  readonly device: string | null;
}

export interface GatewayRelease {
  /** $1 the account's id; gives display_name, email, organisation and roles. */
  readonly findProfile: string;
}
