/** What can stand in braces in a canned answer. */
export const VARIABLES = [
  'customer.name',
  'customer.first',
  'agent.name',
  'agent.first',
  'number',
  'title',
  'date',
] as const;

export type Variable = (typeof VARIABLES)[number];
export type Values = Partial<Record<Variable, string>>;

const VARIABLE = /\{([a-z.]+)\}/g;

/**
 * Puts values in the place of their names. What has no value stays in its braces, and `open` is where the first of them
 * stands, for the writer to fill in. Braces around anything else are text.
 */
export function fill(body: string, values: Values): { text: string; open: [number, number] | null } {
  let open: [number, number] | null = null;
  let text = '';
  let at = 0;
  for (const found of body.matchAll(VARIABLE)) {
    const name = found[1] as Variable;
    if (!VARIABLES.includes(name)) continue;
    text += body.slice(at, found.index);
    at = found.index + found[0].length;
    const value = values[name];
    if (!value) open ??= [text.length, text.length + found[0].length];
    // A value is text, also where it looks like a variable.
    text += value || found[0];
  }
  return { text: text + body.slice(at), open };
}
