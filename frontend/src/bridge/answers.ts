/** A text the team answers with often. Names like {customer.name} in `body` are filled in where it is used. */
export interface CannedAnswer {
  id: string;
  /** No two differ in case and spaces alone. */
  name: string;
  body: string;
  changedBy: string;
  changedAt: string;
  version: number;
}

/** Every user sees and changes all of them. Reading is from the cache; changing needs the server. */
export interface AnswersService {
  /** By name. */
  List(): Promise<CannedAnswer[]>;
  /** Rejected with `name-taken` where there is one of that name. */
  Add(name: string, body: string): Promise<CannedAnswer>;
  /** Rejected with `changed-meanwhile` where somebody else changed it since the version that was shown. */
  Change(id: string, version: number, name: string, body: string): Promise<CannedAnswer>;
  Remove(id: string): Promise<void>;
}
