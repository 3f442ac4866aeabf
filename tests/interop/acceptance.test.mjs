// Tokens that the API takes, and what it tells of them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeProtectedHeader } from 'jose';
import { assertClaimsOf, assertInsufficientScope, assertStatus } from './answers.mjs';
import { ALGORITHMS } from './keys.mjs';
import { AUDIENCE, resourceSignedWith } from './provider.mjs';
import { ResourceServer } from './resource-server.mjs';
import { running } from './running.mjs';

const timeout = 10_000;
const resource = resourceSignedWith('ES256');

describe('the API accepts', () => {
  let api;
  let client;

  running(
    ({ issuer }) =>
      ResourceServer.start(`
        [[issuers]]
        issuer = "${issuer}"
        audience = ["${AUDIENCE}"]
        algorithms = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]
      `),
    (all) => ({ api, client } = all),
  );

  for (const algorithm of ALGORITHMS) {
    test(`a token signed with ${algorithm} and shows its claims`, { timeout }, async () => {
      const token = await client.accessToken(resourceSignedWith(algorithm), 'read:reports');
      assert.equal(decodeProtectedHeader(token).alg, algorithm);
      assertClaimsOf(token, await client.call(api.url('/claims'), token));
    });
  }

  test('a token of a person who signed in', { timeout }, async () => {
    const { accessToken } = await client.tokensOfPerson();
    assertClaimsOf(accessToken, await client.call(api.url('/claims'), accessToken));
    assertStatus(await client.call(api.url('/reports'), accessToken), 200);
  });

  test('a token with the scope of the route', { timeout }, async () => {
    const token = await client.accessToken(resource, 'read:reports');
    assertStatus(await client.call(api.url('/reports'), token), 200);
  });

  test('a token with more scopes than the route demands', { timeout }, async () => {
    const token = await client.accessToken(resource, 'orders:read write:reports read:reports');
    assertStatus(await client.call(api.url('/reports'), token), 200);
    assertStatus(await client.call(api.url('/reports'), token, 'POST'), 200);
    assertStatus(await client.call(api.url('/orders'), token), 200);
  });

  test('no token without the scope of the route', { timeout }, async () => {
    const token = await client.accessToken(resource);
    assertInsufficientScope(await client.call(api.url('/reports'), token), 'read:reports');
  });

  test('no token with the scope of another method of the route', { timeout }, async () => {
    const token = await client.accessToken(resource, 'read:reports');
    assertInsufficientScope(await client.call(api.url('/reports'), token, 'POST'), 'write:reports');
  });
});
