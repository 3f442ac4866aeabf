// One API believes two issuers: one is slow, one replaces its keys, one is removed while requests run.
import assert from 'node:assert/strict';
import { afterEach, before, beforeEach, describe, test } from 'node:test';
import { assertInvalidToken, assertStatus } from './answers.mjs';
import { Client } from './client.mjs';
import { signingKey } from './keys.mjs';
import { Program, build } from './program.mjs';
import { AUDIENCE, AuthorizationServer } from './provider.mjs';
import { until } from './until.mjs';

const timeout = 20_000;

describe('with two issuers,', () => {
  let api;
  let clients;
  let executable;
  let keys;
  let servers;

  before(async () => {
    executable = await build('many_issuers');
  });
  beforeEach(async () => {
    keys = await Promise.all(['ES256', 'ES256', 'ES256'].map(signingKey));
    // One name for the keys of both, so that nothing but the issuer tells them apart.
    keys[1].kid = keys[0].kid;
    servers = await Promise.all([keys[0], keys[1]].map((key) => AuthorizationServer.start([key])));
    clients = await Promise.all(servers.map((server) => Client.discover(server.issuer)));
    const args = [AUDIENCE, ...servers.map((server) => server.issuer)];
    api = await Program.start('many_issuers', executable, args, { PORT: '0' });
  });
  afterEach(async () => {
    await api?.stop();
    await Promise.all(servers.map((server) => server.stop()));
  });

  const call = (token) => clients[0].call(api.url('/whoami'), token);
  const operate = (method, body) => fetch(api.url('/issuers'), { method, body });

  async function assertIsOf(server, token) {
    const answer = await call(token);
    assertStatus(answer, 200);
    assert.equal(answer.body.issuer, server.issuer);
  }

  test('each token is of its own issuer, and each issuer is asked once', { timeout }, async () => {
    for (const [at, client] of clients.entries()) {
      for (let count = 0; count < 3; count += 1) await assertIsOf(servers[at], await client.accessToken());
      assert.equal(servers[at].requests('/jwks'), 1);
    }
    const impostor = await AuthorizationServer.start([keys[0]]);
    try {
      assertInvalidToken(await call(await (await Client.discover(impostor.issuer)).accessToken()));
      assert.equal(impostor.requests('/jwks'), 0);
    } finally {
      await impostor.stop();
    }
  });

  test('one that is slow delays no token of the other', { timeout }, async () => {
    const tokens = await Promise.all(clients.map((client) => client.accessToken()));
    const release = servers[0].hold('/jwks');
    const waiting = call(tokens[0]);
    await until('the slow one is asked', 5_000, () => servers[0].requests('/jwks') === 1);
    for (let count = 0; count < 5; count += 1) await assertIsOf(servers[1], tokens[1]);
    release();
    assertStatus(await waiting, 200);
  });

  test('one that replaces its keys costs the other nothing', { timeout }, async () => {
    const tokens = await Promise.all(clients.map((client) => client.accessToken()));
    for (const token of tokens) assertStatus(await call(token), 200);
    servers[0].publish([keys[2]]);
    await assertIsOf(servers[0], await clients[0].accessToken());
    assertInvalidToken(await call(tokens[0]));
    await assertIsOf(servers[1], tokens[1]);
    // Once at first, once for the new key, and once for the old one, whose name nobody knows any more.
    assert.deepEqual(servers.map((server) => server.requests('/jwks')), [3, 1]);
  });

  test('one that is removed while requests run is refused from then on', { timeout }, async () => {
    const tokens = await Promise.all(clients.map((client) => client.accessToken()));
    const outcomes = [];
    let stopped = false;
    let removed = false;
    const traffic = Promise.all(
      [0, 1, 0, 1].map(async (at) => {
        while (!stopped) {
          const begunAfter = removed;
          const { status } = await call(tokens[at]);
          outcomes.push({ at, begunAfter, status });
        }
      }),
    );
    const some = (wanted) => until('some requests', 5_000, () => outcomes.filter(wanted).length >= 20);
    try {
      await some(({ at }) => at === 0);
      assert.equal((await operate('DELETE', servers[0].issuer)).status, 204);
      removed = true;
      await some(({ at, begunAfter }) => at === 0 && begunAfter);
    } finally {
      stopped = true;
      await traffic;
    }
    assert.ok(outcomes.some(({ at, status }) => at === 0 && status === 200));
    assert.deepEqual(outcomes.filter(({ at, begunAfter, status }) => at === 0 && begunAfter && status !== 401), []);
    assert.deepEqual(outcomes.filter(({ at, status }) => at === 1 && status !== 200), []);

    assert.equal((await operate('PUT', servers[0].issuer)).status, 201);
    await assertIsOf(servers[0], tokens[0]);
  });
});
