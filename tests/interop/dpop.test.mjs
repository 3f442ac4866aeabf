// Tokens that are bound to a key, and the proofs of it that real clients make (RFC 9449).
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader } from 'jose';
import * as strict from 'oauth4webapi-3.8.7';
import {
  assertClaimsOf,
  assertInvalidProof,
  assertInvalidToken,
  assertInvalidTokenByDpop,
  assertStatus,
  assertUseNonce,
} from './answers.mjs';
import { Client } from './client.mjs';
import { DpopPackage, OidcClientTs, OpenidClient, keyOf } from './key-holders.mjs';
import { keysForAllAlgorithms } from './keys.mjs';
import { AUDIENCE, AuthorizationServer, SCOPES, resourceSignedWith } from './provider.mjs';
import { ResourceServer, freePort } from './resource-server.mjs';
import { running } from './running.mjs';

const timeout = 20_000;
const secret = randomBytes(32).toString('hex');

for (const nonce of ['off', 'required']) {
  describe(`with nonces ${nonce}, the API`, () => {
    let api;
    let client;

    running((trusted) => startApi(trusted, nonce), (all) => ({ api, client } = all));

    for (const Holder of [OpenidClient, DpopPackage, OidcClientTs]) {
      for (const algorithm of Holder.algorithms) {
        test(`accepts the proofs of ${Holder.name} by ${algorithm}`, { timeout }, async () => {
          const holder = await Holder.enrol(client, algorithm);
          assertClaimsOf(holder.token, await holder.call(api.url('/claims?year=2026&month=5')));
          assertStatus(await holder.call(api.url('/reports')), 200);
          assertStatus(await holder.call(api.url('/reports'), 'POST'), 200);

          const [{ fields }] = holder.sent;
          assert.equal(decodeProtectedHeader(fields.dpop).alg, algorithm);
          assert.equal(decodeJwt(holder.token).cnf.jkt, await calculateJwkThumbprint(keyOf(holder.sent[0])));
          // The first is told a nonce, which all others have.
          const nonces = holder.sent.map((request) => decodeJwt(request.fields.dpop).nonce !== undefined);
          assert.deepEqual(nonces, nonce === 'off' ? [false, false, false] : [false, true, true, true]);
        });
      }

      test(`refuses what was captured of ${Holder.name}`, { timeout }, async () => {
        const holder = await Holder.enrol(client, 'ES256');
        for (const method of ['GET', 'POST']) {
          assertStatus(await holder.call(api.url('/reports'), method), 200);
          const captured = holder.sent.at(-1);
          assertInvalidProof(await client.send(captured));
          assertInvalidProof(await client.send({ ...captured, url: api.url('/claims') }));
          assertInvalidProof(await client.send({ ...captured, method: method === 'GET' ? 'POST' : 'GET' }));
        }
        assertStatus(await holder.call(api.url('/reports')), 200);
      });

      test(`takes the token of ${Holder.name} from no bearer, and from no other key`, { timeout }, async () => {
        const holder = await Holder.enrol(client, 'ES256');
        assertInvalidToken(await client.call(api.url('/claims'), holder.token));
        const thief = await Holder.enrol(client, 'ES256');
        thief.token = holder.token;
        assertInvalidTokenByDpop(await thief.call(api.url('/claims')));
        assert.equal(thief.sent.length, 1);
        assertStatus(await holder.call(api.url('/claims')), 200);
      });
    }

    test('takes no unbound token by DPoP', { timeout }, async () => {
      const holder = await DpopPackage.enrol(client, 'ES256');
      holder.token = await client.accessToken(resourceSignedWith('ES256'));
      assertInvalidTokenByDpop(await holder.call(api.url('/claims')));
      assertClaimsOf(holder.token, await client.call(api.url('/claims'), holder.token));
    });
  });
}

test('oidc-client-ts alone keeps the query in `htu`, and passes with it', { timeout }, async () => {
  const server = await AuthorizationServer.start(await keysForAllAlgorithms());
  const api = await startApi(server, 'off');
  try {
    const client = await Client.discover(server.issuer);
    for (const [Holder, expected] of [[OpenidClient, ''], [DpopPackage, ''], [OidcClientTs, '?year=2026']]) {
      const holder = await Holder.enrol(client, 'ES256');
      assertStatus(await holder.call(api.url('/claims?year=2026')), 200);
      assert.equal(decodeJwt(holder.sent[0].fields.dpop).htu, api.url('/claims') + expected);
    }
  } finally {
    await api.stop();
    await server.stop();
  }
});

describe('a nonce', () => {
  let api;
  let client;

  running((trusted) => startApi(trusted, 'required'), (all) => ({ api, client } = all));

  test('is demanded by the line of DPoP alone', { timeout }, async () => {
    const holder = await DpopPackage.enrol(client, 'ES256');
    const url = api.url('/claims');
    const fields = { authorization: `DPoP ${holder.token}`, dpop: await holder.proof(url, 'GET') };
    assertUseNonce(await client.send({ url, method: 'GET', fields }));
  });

  // From 3.8.8 on it comes again whatever is told beside.
  test('is followed by an oauth4webapi that comes again for it alone', { timeout }, async () => {
    const keys = await strict.generateKeyPair('ES256');
    const token = await client.accessToken(resourceSignedWith('ES256'), SCOPES, client.keyHandle(keys));
    const options = { DPoP: strict.DPoP({ client_id: 'any' }, keys), [strict.allowInsecureRequests]: true };
    const url = new URL(api.url('/claims'));
    const call = () => strict.protectedResourceRequest(token, 'GET', url, undefined, undefined, options);
    await assert.rejects(call(), strict.isDPoPNonceError);
    assert.equal((await call()).status, 200);
  });

  for (const Holder of [OpenidClient, DpopPackage, OidcClientTs]) {
    test(`that ends soon is renewed, and ${Holder.name} goes on with the new one`, { timeout }, async () => {
      const holder = await Holder.enrol(client, 'ES256');
      await holder.call(api.url('/claims'));
      const old = await nonceMade(200, keyOf(holder.sent[0]));
      holder.learn(old, api.url('/claims'));
      const renewed = await holder.call(api.url('/claims'));
      assertStatus(renewed, 200);
      assert.equal(renewed.headers.get('cache-control'), 'no-store');
      const fresh = renewed.headers.get('dpop-nonce');
      assert.notEqual(fresh, old);

      const answer = await holder.call(api.url('/claims'));
      assertStatus(answer, 200);
      assert.equal(answer.headers.get('dpop-nonce'), null);
      // The first request was told a nonce; none of the others was sent twice.
      const nonces = holder.sent.map((request) => decodeJwt(request.fields.dpop).nonce);
      assert.deepEqual(nonces, [undefined, nonces[1], old, fresh]);
    });

    test(`that has ended costs ${Holder.name} one request`, { timeout }, async () => {
      const holder = await Holder.enrol(client, 'ES256');
      await holder.call(api.url('/claims'));
      holder.learn(await nonceMade(400, keyOf(holder.sent[0])), api.url('/claims'));
      assertStatus(await holder.call(api.url('/claims')), 200);
      assert.equal(holder.sent.length, 4);
    });
  }
});

async function startApi(server, nonce) {
  const directory = await mkdtemp(join(tmpdir(), 'claviger-interop-'));
  try {
    const file = join(directory, 'nonce-secret');
    await writeFile(file, secret);
    const port = await freePort();
    return await ResourceServer.start(
      `
        public_url = "http://127.0.0.1:${port}"

        [[issuers]]
        issuer = "${server.issuer}"
        audience = ["${AUDIENCE}"]

        [dpop]
        nonce = "${nonce}"
        nonce_secrets = [{ file = ${JSON.stringify(file)} }]
      `,
      port,
    );
  } finally {
    await rm(directory, { recursive: true });
  }
}

// What an instance with the same secret made so many seconds ago, for this key.
async function nonceMade(seconds, key) {
  const second = Buffer.alloc(8);
  second.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000) - seconds));
  const thumbprint = Buffer.from(await calculateJwkThumbprint(key), 'base64url');
  const code = createHmac('sha256', secret).update('claviger DPoP nonce').update(second).update(thumbprint).digest();
  return Buffer.concat([second, code]).toString('base64url');
}
