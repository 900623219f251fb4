/** What JSON can say, read-only. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json | undefined };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** What JSON.parse gives is JSON: this says so to the compiler. */
function isJson(value: unknown): value is Json {
  return value !== undefined;
}

/** The decoded text, or undefined when it is not JSON. */
export function decodeJson(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJson(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The decoded text, or undefined when it is not a JSON object. */
export function decodeObject(text: string): JsonObject | undefined {
  const value = decodeJson(text);
  return isObject(value) ? value : undefined;
}

export function textAt(value: Json | undefined, key: string): string | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : undefined;
}

export function objectAt(value: Json | undefined, key: string): JsonObject | undefined {
  const found = isObject(value) ? value[key] : undefined;
  return isObject(found) ? found : undefined;
}

export function listAt(value: Json | undefined, key: string): readonly Json[] {
  const found = isObject(value) ? value[key] : undefined;
  return isList(found) ? found : [];
}

export function objectsAt(value: Json | undefined, key: string): readonly JsonObject[] {
  return listAt(value, key).filter(isObject);
}
