/** Reading what the server sends: everything is unknown until it was looked at. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json | undefined };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : undefined;
}

export function numberAt(value: unknown, key: string): number | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === 'number' ? found : undefined;
}

export function isTrueAt(value: unknown, key: string): boolean {
  return isObject(value) && value[key] === true;
}

export function objectAt(value: unknown, key: string): JsonObject | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return isObject(found) ? found : undefined;
}

export function listAt(value: unknown, key: string): readonly Json[] {
  const found = isObject(value) ? value[key] : undefined;
  return isList(found) ? found : [];
}

export function objectsAt(value: unknown, key: string): readonly JsonObject[] {
  return listAt(value, key).filter(isObject);
}

export function textsAt(value: unknown, key: string): readonly string[] {
  return listAt(value, key).filter((one) => typeof one === 'string');
}

/** The words of a text object at this key. */
export function wordsAt(value: unknown, key: string): string {
  return textAt(objectAt(value, key), 'text') ?? '';
}
