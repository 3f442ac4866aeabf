// The half of the suite that is not claviger: the provider's tokens are what an independent library expects.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { Client } from './client.mjs';
import { ALGORITHMS, keysForAllAlgorithms } from './keys.mjs';
import { AUDIENCE, AuthorizationServer, CLIENT, EXPIRED, resourceSignedWith } from './provider.mjs';

const timeout = 10_000;

describe('the authorization server', () => {
  let client;
  let keySet;
  let server;

  before(async () => {
    server = await AuthorizationServer.start(await keysForAllAlgorithms());
    client = await Client.discover(server.issuer);
    keySet = createRemoteJWKSet(new URL(client.metadata.jwks_uri));
  });
  after(() => server?.stop());

  function verify(token) {
    const requiredClaims = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'];
    return jwtVerify(token, keySet, { issuer: server.issuer, audience: AUDIENCE, typ: 'at+jwt', requiredClaims });
  }

  for (const algorithm of ALGORITHMS) {
    test(`signs access tokens of RFC 9068 with ${algorithm}`, { timeout }, async () => {
      const token = await client.accessToken(resourceSignedWith(algorithm), 'read:reports');
      const { payload, protectedHeader } = await verify(token);
      assert.equal(protectedHeader.alg, algorithm);
      assert.equal(payload.scope, 'read:reports');
      assert.equal(payload.sub, CLIENT.client_id);
    });
  }

  test('signs in a person and gives out an access token and an ID token', { timeout }, async () => {
    const { accessToken, idToken } = await client.tokensOfPerson();
    const { payload } = await verify(accessToken);
    assert.equal(payload.sub, 'alice');
    assert.equal(decodeProtectedHeader(idToken).typ, undefined);
    await jwtVerify(idToken, keySet, { issuer: server.issuer, audience: CLIENT.client_id });
  });

  test('makes expired tokens that are right otherwise', { timeout }, async () => {
    const token = await client.accessToken(EXPIRED);
    await assert.rejects(verify(token), { code: 'ERR_JWT_EXPIRED' });
  });

  test('serves its keys as application/jwk-set+json without saying how long they last', { timeout }, async () => {
    const response = await fetch(client.metadata.jwks_uri);
    assert.match(response.headers.get('content-type'), /^application\/jwk-set\+json/);
    assert.equal(response.headers.get('cache-control'), null);
  });
});
