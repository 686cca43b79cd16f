import { browserBridge } from './browser';
import type { Bridge, CallError } from './port';
import { hasWails, wailsBridge } from './wails';

export type * from './port';

/** The bridge of the face this page is shown in. */
export function connectBridge(): Bridge {
  return hasWails() ? wailsBridge() : browserBridge();
}

/** What a rejected call carries, whatever was thrown. */
export function callError(e: unknown): CallError {
  if (typeof e === 'object' && e !== null && 'code' in e && 'message' in e) return e as CallError;
  return { code: 'internal', message: e instanceof Error ? e.message : String(e) };
}
