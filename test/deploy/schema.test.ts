import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { schemaText, SCHEMA_FILE } from '../../deploy/write-schema.ts';

const EXAMPLE = path.join(import.meta.dirname, '../../backout.example.yaml');
const example = readFileSync(EXAMPLE, 'utf8');
const File = z.object({ people: z.looseObject({}), targets: z.looseObject({}) });
const Schema = z.looseObject({ properties: z.looseObject({}).default({}) });

test('the published schema is what the code takes, and takes the example', () => {
  const published: unknown = JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'));
  expect(published, 'run `npm run schema`').toEqual(JSON.parse(schemaText()));
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  const takes = ajv.compile(JSON.parse(schemaText()));
  expect([takes(parse(example)), takes.errors]).toEqual([true, null]);
  const { targets } = File.parse(parse(example));
  expect(takes({ targets: {} })).toBe(false);
  expect(takes({ people: { anna: { slak: 'U0ANNA' } }, targets })).toBe(false);
});

test('the example has every key that there is', () => {
  const keys = new Set<string>();
  const collect = (schema: unknown): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const { properties, ...rest } = Schema.parse({ ...schema });
    for (const key of Object.keys(properties)) keys.add(key);
    for (const part of [...Object.values(properties), ...Object.values(rest)]) collect(part);
  };
  collect(JSON.parse(schemaText()));
  const missing = [...keys].filter((key) => !new RegExp(`\\b${key}:`).test(example));
  expect(missing).toEqual(['kubernetes']);
});
