// A connection to Redis on which nothing comes any more, or which Redis has forgotten.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { assertUnavailable } from '../answers.mjs';
import { Child } from '../child.mjs';
import { Client } from '../client.mjs';
import { KeyHolder } from '../key-holder.mjs';
import { ResourceServer, freePort } from '../resource-server.mjs';
import { TokenIssuer } from '../token-issuer.mjs';
import { until } from '../until.mjs';
import { Relay } from './relay.mjs';

const timeout = 30_000;
// One deadline and one pause, on a busy machine.
const RECOVERY_LIMIT = 15_000;

const client = Client.of('https://issuer.example.com');

describe('a connection to Redis', () => {
  let api;
  let directory;
  let holder;
  let redis;
  let relay;
  let url;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'claviger-relay-'));
    const port = await freePort();
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory];
    [redis] = await Child.start('redis-server', 'redis-server', args, isReady);
    relay = await Relay.start();
    relay.lead(port);
    const issuer = await TokenIssuer.create();
    const ownPort = await freePort();
    api = await ResourceServer.start(
      `
        public_url = "http://127.0.0.1:${ownPort}"

        [dpop]
        replay = { redis = "redis://127.0.0.1:${relay.port}" }

        ${issuer.configuration}
      `,
      ownPort,
    );
    url = api.url('/claims');
    holder = await KeyHolder.enrol(issuer);
    await until('Redis is connected', RECOVERY_LIMIT, async () => (await call()).status === 200);
  });
  afterEach(async () => {
    await api?.stop();
    await relay?.stop();
    await redis?.stop();
    await rm(directory, { recursive: true });
  });

  const call = async () => client.send({ url, method: 'GET', fields: await holder.fields(url) });

  async function isRecoveredBy(change) {
    const before = relay.connections;
    change();
    await until('a proof is recorded', RECOVERY_LIMIT, async () => {
      const answer = await call();
      if (answer.status !== 200) assertUnavailable(answer);
      return answer.status === 200;
    });
    assert.ok(relay.connections - before <= 2, `${relay.connections - before} connections`);
  }

  test('that went deaf is replaced', { timeout }, () => isRecoveredBy(() => relay.goDeaf()));

  test('that Redis forgot is replaced', { timeout }, () => isRecoveredBy(() => relay.forget()));
});

const isReady = (eachLine) =>
  new Promise((resolve) => eachLine((line) => line.includes('Ready to accept connections') && resolve()));
