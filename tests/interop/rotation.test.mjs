// The issuer replaces its keys while the API runs.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { SignJWT, decodeJwt, decodeProtectedHeader, generateKeyPair } from 'jose';
import { assertClaimsOf, assertInvalidToken, assertTooManyRequests } from './answers.mjs';
import { Client } from './client.mjs';
import { signingKey } from './keys.mjs';
import { AUDIENCE, AuthorizationServer } from './provider.mjs';
import { ResourceServer } from './resource-server.mjs';
import { until } from './until.mjs';

const timeout = 20_000;
const CLIENTS_AT_ONCE = 8;

describe('when keys change,', () => {
  let api;
  let client;
  let keys;
  let server;

  beforeEach(async () => {
    keys = await Promise.all(['ES256', 'ES256', 'ES256'].map(signingKey));
    server = await AuthorizationServer.start([keys[0]]);
    client = await Client.discover(server.issuer);
  });
  afterEach(async () => {
    await api?.stop();
    await server?.stop();
  });

  async function startApi(keySettings = '') {
    api = await ResourceServer.start(`
      [[issuers]]
      issuer = "${server.issuer}"
      audience = ["${AUDIENCE}"]
      ${keySettings}
    `);
  }

  const callClaims = (token) => client.call(api.url('/claims'), token);

  test('many first requests at once fetch the keys once', { timeout }, async () => {
    await startApi();
    const token = await client.accessToken();
    const answers = await Promise.all(Array.from({ length: 20 }, () => callClaims(token)));
    answers.forEach((answer) => assertClaimsOf(token, answer));
    assert.equal(server.requests('/jwks'), 1);
  });

  test('the first token of a new key is accepted and tokens of the removed key are refused', { timeout }, async () => {
    await startApi();
    const old = await client.accessToken();
    assertClaimsOf(old, await callClaims(old));
    const before = await api.issuerStatus();

    server.publish([keys[1]]);
    const fresh = await client.accessToken();
    assertClaimsOf(fresh, await callClaims(fresh));
    assertInvalidToken(await callClaims(old));

    const now = await api.issuerStatus();
    assert.deepEqual(before.key_ids, [keys[0].kid]);
    assert.deepEqual(now.key_ids, [keys[1].kid]);
    assert.ok(now.generation > before.generation);
  });

  test('a removed key is noticed at the next refresh, without any token of a new one', { timeout }, async () => {
    await startApi(`
      [keys]
      default_lifetime = "1s"
      min_lifetime = "1s"
    `);
    const token = await client.accessToken();
    assertClaimsOf(token, await callClaims(token));

    server.publish([keys[1]]);
    await until('the old token is refused', 10_000, async () => (await callClaims(token)).status !== 200);
    assertInvalidToken(await callClaims(token));
    assert.deepEqual((await api.issuerStatus()).key_ids, [keys[1].kid]);
  });

  test('no token of a published key is refused, and each new key costs one fetch', { timeout }, async () => {
    await startApi();
    const outcomes = await duringTraffic(async (requestsWith) => {
      await requestsWith(keys[0], 50);
      server.publish([keys[1], keys[0]]);
      await requestsWith(keys[1], 50);
      server.publish([keys[1]]);
      await requestsWith(keys[1], 100);
      server.publish([keys[2]]);
      await requestsWith(keys[2], 50);
    });

    assert.deepEqual(outcomes.filter(({ status, published }) => published && status !== 200), []);
    assert.deepEqual(outcomes.filter(({ status }) => status !== 200 && status !== 401), []);
    assert.equal(server.requests('/jwks'), 3);
  });

  test('invented key ids cannot make the API ask the issuer over and over', { timeout }, async () => {
    await startApi();
    const token = await client.accessToken();
    assertClaimsOf(token, await callClaims(token));

    const forger = await generateKeyPair('ES256');
    const forgery = async () => {
      const header = { alg: 'ES256', typ: 'at+jwt', kid: randomUUID() };
      return new SignJWT(decodeJwt(token)).setProtectedHeader(header).sign(forger.privateKey);
    };
    // The budget is two; whether there is a key of such a name is not known beyond it.
    for (let count = 0; count < 2; count += 1) assertInvalidToken(await callClaims(await forgery()));
    for (let count = 0; count < 8; count += 1) assertTooManyRequests(await callClaims(await forgery()));
    assert.equal(server.requests('/jwks'), 1 + 2);
    assertClaimsOf(token, await callClaims(token));
  });

  // Every request carries a token of its own, made just before.
  async function duringTraffic(change) {
    const outcomes = [];
    let stopped = false;
    const clients = Array.from({ length: CLIENTS_AT_ONCE }, async () => {
      while (!stopped) {
        const token = await client.accessToken();
        const { status } = await callClaims(token);
        const { kid } = decodeProtectedHeader(token);
        outcomes.push({ kid, status, published: server.isPublished(kid) });
      }
    });
    const traffic = Promise.all(clients);
    const count = (key) => outcomes.filter(({ kid }) => kid === key.kid).length;
    const requestsWith = (key, enough) => until(`${enough} requests with ${key.kid}`, 5_000, () => count(key) >= enough);
    try {
      await Promise.race([change(requestsWith), traffic]);
    } finally {
      stopped = true;
      await traffic;
    }
    return outcomes;
  }
});
