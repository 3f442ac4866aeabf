// What an MCP client does that knows nothing but the URL of claviger's example `mcp_resource_server`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { signIn } from '../browser.mjs';
import { Program, build } from '../program.mjs';
import { McpIssuer } from './mcp-issuer.mjs';

const timeout = 20_000;
const LISTED = 'tools:list';
const BOTH = 'tools:list tools:call';

/**
 * `Client`, `Transport` and `UnauthorizedError` are those of the package, and `finish` ends a sign-in with what the
 * browser was sent back with.
 */
export function describeMcpClient({ Client, Transport, UnauthorizedError, finish }) {
  let api;
  let issuer;

  before(async () => {
    issuer = await McpIssuer.start();
    const env = { ISSUER: issuer.url, PORT: '0' };
    api = await Program.start('mcp_resource_server', await build('mcp_resource_server'), [], env);
  });
  after(async () => {
    await api?.stop();
    await issuer?.stop();
  });

  test('signs a person in with the scopes that the 401 names, and calls a tool', { timeout }, async () => {
    const session = new Session();
    issuer.granted = BOTH;
    await assert.rejects(session.connect(), UnauthorizedError);
    assert.equal(session.askedScope, BOTH);
    await session.signIn();
    assert.equal((await callTool(await session.connect())).length, 1);
    assert.equal(session.signIns, 1);
  });

  test('signs the person in again with the scopes that the 403 names', { timeout }, async () => {
    const session = new Session();
    issuer.granted = LISTED;
    await assert.rejects(session.connect(), UnauthorizedError);
    await session.signIn();
    assert.equal(session.scope, LISTED);

    issuer.granted = BOTH;
    await assert.rejects(session.connect(), UnauthorizedError);
    assert.equal(session.askedScope, BOTH);
    await session.signIn();
    assert.equal(session.scope, BOTH);
    assert.equal((await callTool(await session.connect())).length, 1);
    assert.equal(session.signIns, 2);
  });

  async function callTool(client) {
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(({ name }) => name), ['whoami']);
    const { content } = await client.callTool({ name: 'whoami' });
    await client.close();
    return content;
  }

  /** What the client stores about itself and a person, as the package asks its user to. */
  class Session {
    signIns = 0;
    redirectUrl = 'https://client.example.com/callback';
    clientMetadata = {
      client_name: 'interop',
      grant_types: ['authorization_code'],
      redirect_uris: [this.redirectUrl],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    };
    #discovered;
    #information;
    #tokens;
    #transport;
    #url;
    #verifier;

    async connect() {
      const client = new Client({ name: 'interop', version: '1' });
      this.#transport = new Transport(new URL(api.url('/mcp')), { authProvider: this });
      await client.connect(this.#transport);
      return client;
    }

    /** Does in a browser what the client wants the person to do. */
    async signIn() {
      const { searchParams } = await signIn(this.#url, this.redirectUrl);
      await finish(this.#transport, searchParams);
      this.signIns += 1;
    }

    get askedScope() {
      return this.#url.searchParams.get('scope');
    }

    get scope() {
      return this.#tokens.scope;
    }

    clientInformation() {
      return this.#information;
    }

    saveClientInformation(information) {
      this.#information = information;
    }

    discoveryState() {
      return this.#discovered;
    }

    saveDiscoveryState(state) {
      this.#discovered = state;
    }

    tokens() {
      return this.#tokens;
    }

    saveTokens(tokens) {
      this.#tokens = tokens;
    }

    redirectToAuthorization(url) {
      this.#url = url;
    }

    saveCodeVerifier(verifier) {
      this.#verifier = verifier;
    }

    codeVerifier() {
      return this.#verifier;
    }
  }
}
