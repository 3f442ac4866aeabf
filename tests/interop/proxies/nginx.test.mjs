// Debian's nginx.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProxyClient } from './client.mjs';
import { Deployment } from './deployment.mjs';
import { nginx } from './nginx.mjs';
import { describePrefix } from './prefix.mjs';
import { describeProxy } from './suite.mjs';

const timeout = 30_000;

describeProxy(nginx, {
  versions: ['1.1'],
  certificate: { header: 'x-client-cert', format: 'pem' },
});
describePrefix(nginx, 'nginx-prefix.conf');

test('behind nginx, ten refused uploads take none of two instances out of service', { timeout }, async () => {
  const deployment = await Deployment.start(nginx, { instances: 2 });
  try {
    const client = new ProxyClient(deployment);
    const fields = { authorization: `Bearer ${await deployment.issuer.token()}` };
    const outcome = (request) => client.send('/reports', request).then(({ status }) => status, (error) => error.code);
    const upload = () => outcome({ method: 'POST', body: Buffer.alloc(2 ** 20) });
    const uploads = Promise.all(Array.from({ length: 10 }, upload));
    const outcomes = [];
    while (outcomes.length < 20) outcomes.push(await outcome({ fields }));
    assert.deepEqual(await uploads, Array(10).fill(401));
    while (outcomes.length < 40) outcomes.push(await outcome({ fields }));
    assert.deepEqual(outcomes, Array(40).fill(200));
  } finally {
    await deployment.stop();
  }
});
