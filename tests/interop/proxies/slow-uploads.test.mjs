// Strangers who upload as slowly as they can to one of two instances, more than it reads at once, while others come
// through nginx.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ProxyClient } from './client.mjs';
import { Deployment } from './deployment.mjs';
import { nginx } from './nginx.mjs';

const timeout = 120_000;
const SLOW = 2_000;
const PERIOD = 1_000;
const GROWTH_LIMIT = 64 * 2 ** 20;

test('2,000 slow uploads take nothing from others, and little memory', { timeout }, async () => {
  const deployment = await Deployment.start(nginx, { instances: 2 });
  const strangers = [];
  try {
    const client = new ProxyClient(deployment);
    const fields = { authorization: `Bearer ${await deployment.issuer.token()}` };
    const status = async (request) => (await client.send('/reports', request)).status;
    assert.equal(await status({ fields }), 200);
    const before = await deployment.memory();

    const first = new URL(deployment.origins[0]);
    for (let count = 0; count < SLOW; count += 1) strangers.push(await Stranger.come(first));
    await Promise.all(strangers.map((stranger) => stranger.refused));

    const uploads = Array.from({ length: 10 }, () => status({ method: 'POST', body: Buffer.alloc(2 ** 20) }));
    const served = [];
    for (let count = 0; count < 20; count += 1) served.push(await status({ fields }));
    assert.deepEqual(await Promise.all(uploads), Array(10).fill(401));
    for (let count = 0; count < 20; count += 1) served.push(await status({ fields }));
    assert.deepEqual(served, Array(40).fill(200));

    const growth = (await deployment.memory()) - before;
    assert.ok(growth < GROWTH_LIMIT, `${growth} bytes`);
  } finally {
    for (const stranger of strangers) stranger.leave();
    await deployment.stop();
  }
});

/** Announces a mebibyte, is refused, and goes on to send it, a byte a second. */
class Stranger {
  #connection;
  #timer;

  static async come({ host, hostname, port }) {
    const stranger = new Stranger();
    const connection = (stranger.#connection = connect({ host: hostname, port }));
    connection.on('error', () => stranger.leave());
    connection.on('close', () => stranger.leave());
    await once(connection, 'connect');
    stranger.refused = once(connection, 'data').then(([answer]) => assert.match(answer.toString(), /^HTTP\/1\.1 401 /));
    connection.write(`POST /reports HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 1048576\r\n\r\n`);
    stranger.#timer = setInterval(() => connection.write('x'), PERIOD);
    return stranger;
  }

  leave() {
    clearInterval(this.#timer);
    this.#connection.destroy();
  }
}
