import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSignedByPagerDuty, readPageAnswer } from '../../src/paging/pagerduty-webhook.ts';

const SECRET = 'the-webhook-secret';

function signed(rawBody: Uint8Array, secret = SECRET): string {
  return `v1=${createHmac('sha256', secret).update(rawBody).digest('hex')}`;
}

function aDelivery(parts: { readonly type?: string; readonly agent?: unknown } = {}): Uint8Array {
  const {
    type = 'incident.acknowledged',
    agent = { summary: 'Dora Ågren', type: 'user_reference' },
  } = parts;
  return Buffer.from(
    JSON.stringify({
      event: {
        id: '01BRB6ZP4M6T8ZG4X6BP63ZB9O',
        event_type: type,
        resource_type: 'incident',
        occurred_at: '2026-11-22T03:14:15.169Z',
        agent,
        client: null,
        data: {
          id: 'PGR0VU2',
          type: 'incident',
          status: 'acknowledged',
          incident_key: 'backout/INC-42/dba/1',
          assignees: [{ id: 'PTUXL6G', summary: 'Dora Ågren', type: 'user_reference' }],
        },
      },
    }),
  );
}

describe('the signature of a delivery', () => {
  const rawBody = aDelivery();

  test('one right signature among several is enough, so that a secret can be replaced', () => {
    const signatures = `${signed(rawBody, 'the-old-secret')},${signed(rawBody)}`;
    expect(isSignedByPagerDuty({ signatures, rawBody, secret: SECRET })).toBe(true);
  });

  test('a changed byte, another secret or another version of signature is not signed', () => {
    const changed = Buffer.from(rawBody);
    changed[10] = (changed[10] ?? 0) + 1;
    const signatures = signed(rawBody);
    expect(isSignedByPagerDuty({ signatures, rawBody: changed, secret: SECRET })).toBe(false);
    expect(isSignedByPagerDuty({ signatures, rawBody, secret: 'another' })).toBe(false);
    expect(
      isSignedByPagerDuty({ signatures: signatures.replace('v1', 'v0'), rawBody, secret: SECRET }),
    ).toBe(false);
  });

  test('no signature and no secret are not signed', () => {
    expect(isSignedByPagerDuty({ signatures: undefined, rawBody, secret: SECRET })).toBe(false);
    const signatures = signed(rawBody, '');
    expect(isSignedByPagerDuty({ signatures, rawBody, secret: '' })).toBe(false);
  });

  test('whatever stands in the header, it never throws and never counts as signed', () => {
    fc.assert(
      fc.property(fc.string(), (signatures) => {
        expect(isSignedByPagerDuty({ signatures, rawBody, secret: SECRET })).toBe(false);
      }),
    );
  });
});

describe('what a delivery says', () => {
  test('an acknowledgement says which page, who and when', () => {
    expect(readPageAnswer(aDelivery())).toEqual({
      eventId: '01BRB6ZP4M6T8ZG4X6BP63ZB9O',
      dedupKey: 'backout/INC-42/dba/1',
      what: 'acknowledged',
      by: 'Dora Ågren',
      assignedTo: ['Dora Ågren'],
      at: '2026-11-22T03:14:15.169Z',
    });
  });

  test.for(['unacknowledged', 'escalated', 'reassigned', 'resolved'])(
    '%s is understood',
    (what) => {
      expect(readPageAnswer(aDelivery({ type: `incident.${what}` }))?.what).toBe(what);
    },
  );

  test('what a machine did was done by nobody', () => {
    expect(readPageAnswer(aDelivery({ agent: null }))?.by).toBeNull();
    const agent = { summary: 'Backout', type: 'events_api_v2_inbound_integration_reference' };
    expect(readPageAnswer(aDelivery({ agent }))?.by).toBeNull();
  });

  test('other events are of no interest', () => {
    expect(readPageAnswer(aDelivery({ type: 'incident.triggered' }))).toBeNull();
    expect(readPageAnswer(aDelivery({ type: 'pagey.ping' }))).toBeNull();
  });

  test('any bytes are read without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(readPageAnswer(bytes)).toBeNull();
      }),
    );
  });
});
