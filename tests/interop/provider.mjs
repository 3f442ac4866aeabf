// A real authorization server on loopback, whose keys can be replaced and whose port can be closed.
import './url-parse.mjs';
import './expected-warnings.mjs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import Provider from 'oidc-provider';
import { ALGORITHMS } from './keys.mjs';
import { exchangingClient, extraTokenClaims, registerTokenExchange } from './token-exchange.mjs';

/** The API that all resources below but `FOREIGN` stand for. */
export const AUDIENCE = 'https://api.example.com';

/** What proofs of possession may be signed with, here and at the API. */
export const PROOF_ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'];

/** The resource whose tokens are signed with `algorithm`. */
export const resourceSignedWith = (algorithm) => `${AUDIENCE}/${algorithm.toLowerCase()}`;

/** A resource whose tokens ended an hour ago. */
export const EXPIRED = `${AUDIENCE}/expired`;

/** A resource of somebody else. */
export const FOREIGN = 'https://other.example.com/api';

export const SCOPES = 'read:reports write:reports orders:read read:health';

export const CLIENT = {
  client_id: 'interop-client',
  client_secret: randomUUID(),
  // The one algorithm that every test has a key for.
  id_token_signed_response_alg: 'ES256',
  grant_types: ['authorization_code', 'client_credentials'],
  redirect_uris: ['https://client.example.com/callback'],
  response_types: ['code'],
  scope: `openid ${SCOPES}`,
};

/** An API that exchanges its callers' tokens; its secret says whether it is form-encoded (RFC 6749, section 2.3.1). */
export const REPORTS = exchangingClient('reports:api', `${randomUUID()} :+%&=`);

export class AuthorizationServer {
  #answer;
  #held = new Map();
  #port;
  #published;
  #requests = new Map();
  #server;

  static async start(keys) {
    const server = new AuthorizationServer();
    await server.#listen(0);
    server.publish(keys);
    return server;
  }

  get issuer() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Replaces the key set; the first key that fits an algorithm signs. */
  publish(keys) {
    const provider = new Provider(this.issuer, configuration(keys));
    registerTokenExchange(provider, keys, AUDIENCE, resourceServerInfo);
    this.#published = new Set(keys.map((key) => key.kid));
    this.#answer = provider.callback();
  }

  isPublished(keyId) {
    return this.#published.has(keyId);
  }

  /** How often `path` was asked for. */
  requests(path) {
    return this.#requests.get(path) ?? 0;
  }

  get allRequests() {
    return [...this.#requests.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Answers nothing at `path` until the function is called that this returns. */
  hold(path) {
    const { promise, resolve } = withResolver();
    this.#held.set(path, promise);
    return () => {
      this.#held.delete(path);
      resolve();
    };
  }

  async stop() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Serves again, at the same address. */
  async resume() {
    await this.#listen(this.#port);
  }

  async #listen(port) {
    this.#server = createServer(async (request, response) => {
      const { pathname } = new URL(request.url, this.issuer);
      this.#requests.set(pathname, this.requests(pathname) + 1);
      await this.#held.get(pathname);
      this.#answer(request, response);
    });
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = this.#server.address().port;
  }
}

// `Promise.withResolvers`, which Node 20 has not.
function withResolver() {
  let resolve;
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

const resources = new Map([
  ...ALGORITHMS.map((algorithm) => [resourceSignedWith(algorithm), { audience: AUDIENCE, algorithm }]),
  [EXPIRED, { audience: AUDIENCE, algorithm: 'ES256' }],
]);

function configuration(keys) {
  return {
    clients: [CLIENT, REPORTS],
    cookies: { keys: [randomUUID()] },
    enabledJWA: { dPoPSigningAlgValues: PROOF_ALGORITHMS },
    extraTokenClaims,
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      dPoP: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: resourceServerInfo, useGrantedResource: () => true },
    },
    formats: { customizers: { jwt: endEarly } },
    jwks: { keys },
    scopes: ['openid', ...SCOPES.split(' ')],
    ttl: { AccessToken: 300, ClientCredentials: 300, Grant: 300, IdToken: 300, Interaction: 300, Session: 300 },
  };
}

// A resource that is not listed is an API of its own.
function resourceServerInfo(_context, indicator) {
  const { audience, algorithm } = resources.get(indicator) ?? { audience: indicator, algorithm: 'ES256' };
  return { scope: SCOPES, audience, accessTokenFormat: 'jwt', jwt: { sign: { alg: algorithm } } };
}

// The provider refuses lifetimes that are not positive, so the whole life of the token is moved into the past.
function endEarly(_context, token, { payload }) {
  if (token.resourceServer.identifier() !== EXPIRED) return;
  const lifetime = payload.exp - payload.iat;
  payload.exp = payload.iat - 3600;
  payload.iat = payload.exp - lifetime;
}
