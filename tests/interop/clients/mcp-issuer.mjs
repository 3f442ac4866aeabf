// An authorization server for MCP clients: they register themselves, and a person grants them what `granted` says.
import '../expected-warnings.mjs';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import { signingKey } from '../keys.mjs';

export class McpIssuer {
  /** The scopes of the tokens that it gives out, whatever clients ask for beside them. */
  granted = '';
  #server;

  static async start() {
    const issuer = new McpIssuer();
    issuer.#server = createServer().listen(0, '127.0.0.1');
    await once(issuer.#server, 'listening');
    const provider = new Provider(issuer.url, issuer.#configuration(await signingKey('ES256')));
    issuer.#server.on('request', provider.callback());
    return issuer;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  async stop() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  #configuration(key) {
    const getResourceServerInfo = (_context, audience) => ({
      accessTokenFormat: 'jwt',
      audience,
      jwt: { sign: { alg: 'ES256' } },
      scope: this.granted,
    });
    return {
      clientDefaults: { id_token_signed_response_alg: 'ES256' },
      cookies: { keys: [randomUUID()] },
      features: {
        devInteractions: { enabled: true },
        registration: { enabled: true },
        resourceIndicators: { enabled: true, getResourceServerInfo, useGrantedResource: () => true },
      },
      jwks: { keys: [key] },
      scopes: ['tools:list', 'tools:call'],
      ttl: { AccessToken: 300, Grant: 300, IdToken: 300, Interaction: 300, Session: 300 },
    };
  }
}
