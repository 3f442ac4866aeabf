// npm @openauthjs/openauth: what its tokens say differs from RFC 9068, and so do its metadata.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { getRequestListener } from '@hono/node-server';
import { issuer } from '@openauthjs/openauth';
import { MemoryStorage } from '@openauthjs/openauth/storage/memory';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { assertClaimsOf, assertInvalidToken, assertStatus } from '../answers.mjs';
import { signIn } from '../browser.mjs';
import { Client } from '../client.mjs';
import { ResourceServer } from '../resource-server.mjs';

const timeout = 10_000;
// The audience of its tokens is the client that they were given to.
const CLIENT_ID = 'a-client';

describe('the tokens of OpenAuth', () => {
  let api;
  let server;
  let tokens;

  before(async () => {
    server = await OpenAuth.start();
    tokens = await server.tokens();
    api = await ResourceServer.start(`
      [[issuers]]
      provider = "openauth"
      issuer = "${server.issuer}"
      audience = ["${CLIENT_ID}"]
    `);
  });
  after(async () => {
    await api?.stop();
    await server?.stop();
  });

  const call = (token) => Client.of(server.issuer).call(api.url('/claims'), token);

  test('are those that the provider `openauth` is for', { timeout }, async () => {
    assert.equal(decodeProtectedHeader(tokens.access_token).typ, 'JWT');
    const { aud, exp, iss, sub, ...rest } = decodeJwt(tokens.access_token);
    assert.deepEqual([aud, iss], [CLIENT_ID, server.issuer]);
    assert.deepEqual(rest, { mode: 'access', type: 'user', properties: { id: 'alice' } });
  });

  test('are accepted as access tokens', { timeout }, async () => {
    assertClaimsOf(tokens.access_token, await call(tokens.access_token));
  });

  // Colons are none of a token's characters (RFC 6750, section 2.1).
  test('are no credentials as refresh tokens', { timeout }, async () => {
    assert.match(tokens.refresh_token, /^user:[^.]+$/);
    assertStatus(await call(tokens.refresh_token), 400);
  });

  test('are refused for another client', { timeout }, async () => {
    assertInvalidToken(await call((await server.tokens('another-client')).access_token));
  });
});

class OpenAuth {
  #server;

  static async start() {
    const openAuth = new OpenAuth();
    const app = issuer({
      allow: async () => true,
      providers: { own: provider },
      storage: MemoryStorage(),
      subjects: { user: anything },
      success: (context, { id }) => context.subject('user', { id }),
    });
    openAuth.#server = createServer(getRequestListener(app.fetch)).listen(0, '127.0.0.1');
    await once(openAuth.#server, 'listening');
    return openAuth;
  }

  get issuer() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** What a client gets by the code of a person who is signed in. */
  async tokens(client_id = CLIENT_ID) {
    const redirect_uri = 'https://client.example.com/callback';
    const start = new URL('/authorize', this.issuer);
    start.search = new URLSearchParams({ client_id, redirect_uri, response_type: 'code', state: randomUUID() });
    const callback = await signIn(start, redirect_uri);
    const code = callback.searchParams.get('code');
    const body = new URLSearchParams({ grant_type: 'authorization_code', client_id, code, redirect_uri });
    const response = await fetch(new URL('/token', this.issuer), { method: 'POST', body });
    return response.json();
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }
}

// Whoever comes is alice.
const provider = {
  type: 'own',
  init: (routes, context) => routes.get('/authorize', (request) => context.success(request, { id: 'alice' })),
};

const anything = { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } };
