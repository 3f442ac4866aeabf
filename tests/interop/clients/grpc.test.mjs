// claviger's example `grpc`, called by PyPI grpcio and by curl.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '../client.mjs';
import { signingKey } from '../keys.mjs';
import { Program, build } from '../program.mjs';
import { AUDIENCE, AuthorizationServer } from '../provider.mjs';

const run = promisify(execFile);
const timeout = 20_000;
const METHOD = '/grpc.health.v1.Health/Check';

describe('the gRPC service', () => {
  let api;
  let client;
  let server;

  before(async () => {
    server = await AuthorizationServer.start([await signingKey('ES256')]);
    client = await Client.discover(server.issuer);
    api = await Program.start('grpc', await build('grpc'), [], { ISSUER: server.issuer, PORT: '0' });
  });
  after(async () => {
    await api?.stop();
    await server?.stop();
  });

  const token = (scope) => client.accessToken(AUDIENCE, scope);

  async function call(token) {
    const script = fileURLToPath(new URL('grpc_call.py', import.meta.url));
    const { stdout } = await run('python3', [script, new URL(api.url('/')).host, token]);
    return JSON.parse(stdout);
  }

  test('serves grpcio with the scope', { timeout }, async () => {
    // A message whose field 1 is 1: SERVING.
    assert.deepEqual(await call(await token('read:health')), { status: 'OK', answer: '0801', challenges: [] });
  });

  test('tells grpcio without a token that it is not authenticated', { timeout }, async () => {
    const { status, challenges } = await call('');
    assert.equal(status, 'UNAUTHENTICATED');
    assert.match(challenges.join(), /^Bearer /);
  });

  test('tells grpcio without the scope that it is not permitted', { timeout }, async () => {
    const { status, challenges } = await call(await token('read:reports'));
    assert.equal(status, 'PERMISSION_DENIED');
    assert.match(challenges.join(), /^Bearer .*error="insufficient_scope".*scope="read:health"/);
  });

  // Whoever goes by the status, as gateways do, must not take a refusal for a success.
  const unlikeGrpc = { 'HTTP/1.1': ['--http1.1'], 'GET over HTTP/2': ['--http2-prior-knowledge', '--get'] };
  for (const [name, options] of Object.entries(unlikeGrpc)) {
    test(`answers 401 to curl by ${name}`, { timeout }, async () => {
      const grpc = ['--header', 'content-type: application/grpc', '--header', 'te: trailers', '--data', ''];
      const output = ['--silent', '--output', '/dev/null', '--write-out', '%{http_code} %header{www-authenticate}'];
      const { stdout } = await run('curl', [...output, ...options, ...grpc, api.url(METHOD)]);
      assert.match(stdout, /^401 Bearer /);
    });
  }
});
