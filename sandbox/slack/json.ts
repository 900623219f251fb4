import { z } from 'zod';

/** What JSON can say, read-only. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json | undefined };

const AnyJson: z.ZodType<Json> = z.json();
const AnyObject = z.record(z.string(), z.json());

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The decoded text, or undefined when it is not JSON. */
export function decodeJson(text: string): Json | undefined {
  try {
    return AnyJson.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The decoded text, or undefined when it is not a JSON object. */
export function decodeObject(text: string): JsonObject | undefined {
  const value = decodeJson(text);
  return isObject(value) ? value : undefined;
}

/** Our own records as plain JSON, for payloads. */
export function toObject(value: object): JsonObject {
  return AnyObject.parse(JSON.parse(JSON.stringify(value)));
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
