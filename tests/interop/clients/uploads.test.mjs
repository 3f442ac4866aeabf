// Clients that write a whole upload before they read see the answer that did not wait for it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { KeyHolder } from '../key-holder.mjs';
import { ResourceServer, freePort } from '../resource-server.mjs';
import { TokenIssuer } from '../token-issuer.mjs';

const run = promisify(execFile);
const timeout = 60_000;
const SIZES = { '64 KiB': 2 ** 16, '1 MiB': 2 ** 20, '5 MiB': 5 * 2 ** 20 };
const TRIES = 20;

describe('a refused upload is answered', () => {
  let api;
  let holder;

  before(async () => {
    const issuer = await TokenIssuer.create();
    const port = await freePort();
    api = await ResourceServer.start(
      `
        public_url = "http://127.0.0.1:${port}"

        [dpop]
        nonce = "required"

        ${issuer.configuration}
      `,
      port,
    );
    holder = await KeyHolder.enrol(issuer);
  });
  after(() => api?.stop());

  for (const [size, bytes] of Object.entries(SIZES)) {
    test(`to Node's fetch, with ${size} and a bad token`, { timeout }, async () => {
      const statuses = await uploads(bytes, async () => ({ authorization: 'Bearer none' }));
      assert.deepEqual(statuses, Array(TRIES).fill('401'));
    });

    test(`to Node's fetch, with ${size} and a proof that lacks a nonce`, { timeout }, async () => {
      const statuses = await uploads(bytes, () => holder.fields(api.url('/reports'), 'POST'));
      assert.deepEqual(statuses, Array(TRIES).fill('401 nonce'));
    });

    test(`to httpx, with ${size} and a bad token`, { timeout }, async () => {
      const script = fileURLToPath(new URL('uploads.py', import.meta.url));
      const { stdout } = await run('python3', [script, api.url('/reports'), String(bytes), String(TRIES)]);
      assert.deepEqual(JSON.parse(stdout), Array(TRIES).fill(401));
    });
  }

  async function uploads(bytes, fields) {
    const outcomes = [];
    for (let count = 0; count < TRIES; count += 1) {
      const request = { method: 'POST', headers: await fields(), body: Buffer.alloc(bytes) };
      outcomes.push(await fetch(api.url('/reports'), request).then(outcomeOf, (error) => error.cause?.code));
    }
    return outcomes;
  }

  async function outcomeOf(response) {
    await response.text();
    return response.headers.has('dpop-nonce') ? `${response.status} nonce` : String(response.status);
  }
});
