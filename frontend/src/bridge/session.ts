import type { Person } from './port';

export interface Connection {
  state: 'connected' | 'connecting' | 'offline' | 'signed-out';
  /** When it went offline. */
  since?: string;
  /** In the outbox. */
  waiting: number;
  /** Proof of completeness: everything up to this entry is in the cache. */
  upTo: number;
  /** The server's newest entry as last told. */
  head: number;
  /** The feed broke its promise here: entries missing between, being repaired. */
  gap?: boolean;
  /** The first filling of the cache: 0 to 1, absent when done. */
  filling?: number;
  problem?: string;
}

export interface SessionState {
  stage: 'first-start' | 'sign-in' | 'signed-in';
  /** `embedded` runs on this computer as a child of the app. */
  server?: { url: string; embedded: boolean; name: string };
  me?: Person;
  profile: string;
  /** Where the token lies; `file` is told to the person. */
  secrets: 'keyring' | 'file';
  connection: Connection;
  /** desktop: the native window; browser: the same app in a browser. */
  face: 'desktop' | 'browser';
  version: string;
}

export interface Device {
  id: string;
  device: string;
  createdAt: string;
  lastUsedAt: string;
  current: boolean;
}
