// One API calls a second one in the name of a person: a real exchange, by claviger's example `on_behalf_of`.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertStatus } from './answers.mjs';
import { Program, build } from './program.mjs';
import { EXPIRED, FOREIGN, REPORTS } from './provider.mjs';
import { running } from './running.mjs';

const timeout = 10_000;

describe('an API that calls on', () => {
  let api;
  let client;
  let server;

  running(
    async ({ issuer }) => {
      const env = { CLIENT_SECRET: REPORTS.client_secret, PORT: '0' };
      return Program.start('on_behalf_of', await build('on_behalf_of'), [issuer, REPORTS.client_id], env);
    },
    (all) => ({ api, client, server } = all),
  );

  test('is let in by the second one for a person, and named as the actor', { timeout }, async () => {
    const { accessToken } = await client.tokensOfPerson();
    const answer = await client.call(api.url('/report'), accessToken);
    assertStatus(answer, 200);
    assert.deepEqual(JSON.parse(answer.body), { items: ['hammer'], of: 'alice', asked_by: REPORTS.client_id });
  });

  test('exchanges once for many calls of one caller', { timeout }, async () => {
    const { accessToken } = await client.tokensOfPerson();
    const before = server.requests('/token');
    for (let calls = 0; calls < 3; calls += 1) assertStatus(await client.call(api.url('/report'), accessToken), 200);
    assert.equal(server.requests('/token'), before + 1);
  });

  test('exchanges nothing for a token that it refuses itself', { timeout }, async () => {
    const tokens = [await client.accessToken(EXPIRED), await client.accessToken(FOREIGN), undefined];
    const before = server.requests('/token');
    for (const token of tokens) assertStatus(await client.call(api.url('/report'), token), 401);
    assert.equal(server.requests('/token'), before);
  });

  test('gets nothing with a secret that is not its own', { timeout }, async () => {
    const env = { CLIENT_SECRET: 'wrong', PORT: '0' };
    const other = await Program.start('on_behalf_of', await build('on_behalf_of'), [server.issuer, REPORTS.client_id], env);
    try {
      const { accessToken } = await client.tokensOfPerson();
      assertStatus(await client.call(other.url('/report'), accessToken), 502);
    } finally {
      await other.stop();
    }
  });
});
