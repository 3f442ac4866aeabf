// A connection to an issuer on which nothing comes any more, or which the issuer has forgotten.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after as afterAll, before as beforeAll, afterEach, beforeEach, describe, test } from 'node:test';
import { assertStatus, assertUnavailable } from '../answers.mjs';
import { makeCertificates } from '../certificates.mjs';
import { Client } from '../client.mjs';
import { ResourceServer } from '../resource-server.mjs';
import { until } from '../until.mjs';
import { Issuer } from './issuer.mjs';
import { Relay } from './relay.mjs';

const timeout = 30_000;
// One deadline and one pause, on a busy machine.
const RECOVERY_LIMIT = 15_000;
const AUDIENCE = 'https://api.example.com';

const client = Client.of('https://issuer.example.com');

for (const version of ['1.1', '2']) {
  describe(`a connection to an issuer that offers HTTP/${version}`, () => {
    let api;
    let before;
    let directory;
    let issuer;
    let relay;

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'claviger-relay-'));
      await makeCertificates(directory);
    });
    afterAll(() => rm(directory, { recursive: true }));
    beforeEach(async () => {
      relay = await Relay.start();
      issuer = await Issuer.start({ directory, version, port: relay.port });
      relay.lead(issuer.port);
      // The budget for unknown keys has tests of its own; here it must not decide.
      api = await ResourceServer.start(`
        [[issuers]]
        issuer = "${issuer.url}"
        audience = ["${AUDIENCE}"]
        ca_file = ${JSON.stringify(join(directory, 'server-ca.pem'))}

        [keys]
        refetch_budget = 100
        refetch_interval = "1s"
      `);
      assertStatus(await call(), 200);
      before = relay.connections;
    });
    afterEach(async () => {
      await api?.stop();
      await relay?.stop();
      await issuer?.stop();
    });

    const call = async () => client.call(api.url('/claims'), await issuer.token(AUDIENCE));
    const untilAccepted = () =>
      until('the new key is known', RECOVERY_LIMIT, async () => {
        const answer = await call();
        if (answer.status !== 200) assertUnavailable(answer);
        return answer.status === 200;
      });

    // A fetch is of two documents, the metadata and the keys.
    test('that went deaf is not used for the new key', { timeout }, async () => {
      relay.goDeaf();
      await issuer.rotate();
      await untilAccepted();
      assert.ok(relay.connections - before <= 2, `${relay.connections - before} connections`);
    });

    test('that goes deaf under a fetch costs one deadline', { timeout }, async () => {
      relay.goDeaf(1);
      await issuer.rotate();
      assertUnavailable(await call());
      await untilAccepted();
      assert.ok(relay.connections - before <= 3, `${relay.connections - before} connections`);
    });

    test('that the issuer forgot costs the caller with the new key nothing', { timeout }, async () => {
      relay.forget();
      await issuer.rotate();
      assertStatus(await call(), 200);
      assert.ok(relay.connections - before <= 2, `${relay.connections - before} connections`);
    });
  });
}
