// Requests that the API refuses, and how it says so.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  assertAsksForCredentials,
  assertClaimsOf,
  assertInsufficientScope,
  assertInvalidToken,
} from './answers.mjs';
import { Client } from './client.mjs';
import { keysForAllAlgorithms } from './keys.mjs';
import { AUDIENCE, AuthorizationServer, CLIENT, EXPIRED, FOREIGN } from './provider.mjs';
import { ResourceServer } from './resource-server.mjs';
import { running } from './running.mjs';

const timeout = 10_000;

describe('the API refuses', () => {
  let api;
  let client;
  let server;

  running(
    ({ issuer }) =>
      ResourceServer.start(`
        [[issuers]]
        issuer = "${issuer}"
        audience = ["${AUDIENCE}"]
      `),
    (all) => ({ api, client, server } = all),
  );

  const callClaims = (token) => client.call(api.url('/claims'), token);

  test('a request without credentials, and blames nobody', { timeout }, async () => {
    assertAsksForCredentials(await callClaims(undefined));
    assertAsksForCredentials(await client.call(api.url('/reports'), undefined));
  });

  test('a token for another audience', { timeout }, async () => {
    assertInvalidToken(await callClaims(await client.accessToken(FOREIGN)));
  });

  test('an expired token, and says that it expired', { timeout }, async () => {
    const expired = assertInvalidToken(await callClaims(await client.accessToken(EXPIRED)));
    const invalid = assertInvalidToken(await callClaims(await client.accessToken(FOREIGN)));
    assert.match(expired, /expired/i);
    assert.notEqual(expired, invalid);
  });

  test('an ID token', { timeout }, async () => {
    const { idToken } = await client.tokensOfPerson();
    assertInvalidToken(await callClaims(idToken));
  });

  test('a token whose payload was changed', { timeout }, async () => {
    const token = await client.accessToken();
    assertInvalidToken(await callClaims(withScope(token, 'read:reports')));
    assertClaimsOf(token, await callClaims(token));
  });

  test('what is no token at all', { timeout }, async () => {
    assertInvalidToken(await callClaims('garbage'));
  });

  test('an invalid token before it looks at the scope', { timeout }, async () => {
    const token = await client.accessToken(FOREIGN);
    assertInvalidToken(await client.call(api.url('/reports'), token));
    assertInsufficientScope(await client.call(api.url('/reports'), await client.accessToken()), 'read:reports');
  });

  test('a token of an issuer that is not listed, without asking that issuer', { timeout }, async () => {
    const stranger = await AuthorizationServer.start(await keysForAllAlgorithms());
    try {
      const token = await (await Client.discover(stranger.issuer)).accessToken();
      const requests = stranger.allRequests;
      assertInvalidToken(await callClaims(token));
      assert.equal(stranger.allRequests, requests);
    } finally {
      await stranger.stop();
    }
  });

  test('an ID token that is addressed to it, unless ID tokens are asked for', { timeout }, async () => {
    const { idToken } = await client.tokensOfPerson();
    for (const profile of ['rfc9068', 'jwt']) {
      const answer = await callWithProfile(profile, idToken);
      assertInvalidToken(answer);
    }
    assertClaimsOf(idToken, await callWithProfile('identity', idToken));
  });

  async function callWithProfile(profile, token) {
    const other = await ResourceServer.start(`
      [[issuers]]
      issuer = "${server.issuer}"
      audience = ["${CLIENT.client_id}"]
      profile = "${profile}"
    `);
    try {
      return await client.call(other.url('/claims'), token);
    } finally {
      await other.stop();
    }
  }
});

function withScope(token, scope) {
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const changed = Buffer.from(JSON.stringify({ ...claims, scope })).toString('base64url');
  return [header, changed, signature].join('.');
}
