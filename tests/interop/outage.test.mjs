// The issuer cannot be reached.
import { afterEach, beforeEach, describe, test } from 'node:test';
import { assertClaimsOf, assertInvalidToken, assertStatus, assertUnavailable } from './answers.mjs';
import { Client } from './client.mjs';
import { signingKey } from './keys.mjs';
import { AUDIENCE, AuthorizationServer } from './provider.mjs';
import { ResourceServer } from './resource-server.mjs';
import { until } from './until.mjs';

const timeout = 15_000;
const RECOVERY_LIMIT = 10_000;

describe('while the issuer is down,', () => {
  let api;
  let client;
  let keys;
  let server;

  beforeEach(async () => {
    keys = await Promise.all(['ES256', 'ES256'].map(signingKey));
    server = await AuthorizationServer.start([keys[0]]);
    client = await Client.discover(server.issuer);
    // The budget for unknown keys has tests of its own; here it must not decide.
    api = await ResourceServer.start(`
      [[issuers]]
      issuer = "${server.issuer}"
      audience = ["${AUDIENCE}"]

      [keys]
      refetch_budget = 100
      refetch_interval = "1s"
    `);
  });
  afterEach(async () => {
    await api?.stop();
    await server?.stop();
  });

  const callClaims = (token) => client.call(api.url('/claims'), token);

  async function untilAccepted(token) {
    const accepted = async () => {
      const answer = await callClaims(token);
      if (answer.status !== 200) assertUnavailable(answer);
      return answer.status === 200 && answer;
    };
    assertClaimsOf(token, await until('the token is accepted', RECOVERY_LIMIT, accepted));
  }

  test('known keys go on serving and an unknown one is no fault of the client', { timeout }, async () => {
    const seen = await client.accessToken();
    const unseen = await client.accessToken();
    assertClaimsOf(seen, await callClaims(seen));
    server.publish([keys[1], keys[0]]);
    const ofNewKey = await client.accessToken();

    await server.stop();
    assertUnavailable(await callClaims(ofNewKey));
    assertClaimsOf(seen, await callClaims(seen));
    assertClaimsOf(unseen, await callClaims(unseen));

    await server.resume();
    await untilAccepted(ofNewKey);
    assertClaimsOf(seen, await callClaims(seen));
  });

  test('an API that never reached it answers 503 to a token and 401 to what is none', { timeout }, async () => {
    const token = await client.accessToken();
    await server.stop();
    assertUnavailable(await callClaims(token));
    assertInvalidToken(await callClaims('garbage'));
    assertStatus(await callClaims(undefined), 401);

    await server.resume();
    await untilAccepted(token);
  });
});
