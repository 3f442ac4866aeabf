// A real OAuth client: gets tokens from the authorization server and calls the API with them.
import * as openid from 'openid-client';
import { signIn } from './browser.mjs';
import { CLIENT, resourceSignedWith } from './provider.mjs';

export class Client {
  #configuration;

  /** Reads the metadata of `issuer`. */
  static async discover(issuer) {
    const client = new Client();
    client.#configuration = await openid.discovery(new URL(issuer), CLIENT.client_id, CLIENT, undefined, {
      execute: [openid.allowInsecureRequests],
      timeout: 10,
    });
    return client;
  }

  /** Knows no metadata, for calls of the API with tokens that came another way. */
  static of(issuer) {
    const client = new Client();
    client.#configuration = new openid.Configuration({ issuer }, CLIENT.client_id, CLIENT);
    openid.allowInsecureRequests(client.#configuration);
    return client;
  }

  get metadata() {
    return this.#configuration.serverMetadata();
  }

  /** Makes proofs by these keys, and remembers the nonces that it is told. */
  keyHandle(keys) {
    return openid.getDPoPHandle(this.#configuration, keys);
  }

  /** An access token of the client itself, bound to the key of `keyHandle` if that is given. */
  async accessToken(resource = resourceSignedWith('ES256'), scope = undefined, keyHandle = undefined) {
    const parameters = scope === undefined ? { resource } : { resource, scope };
    const tokens = await openid.clientCredentialsGrant(this.#configuration, parameters, { DPoP: keyHandle });
    return tokens.access_token;
  }

  /** The access token and the ID token of a person who signs in and agrees. */
  async tokensOfPerson(resource = resourceSignedWith('ES256'), scope = 'openid read:reports') {
    const [redirectUri] = CLIENT.redirect_uris;
    const verifier = openid.randomPKCECodeVerifier();
    const nonce = openid.randomNonce();
    const start = openid.buildAuthorizationUrl(this.#configuration, {
      redirect_uri: redirectUri,
      scope,
      resource,
      nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const callback = await signIn(start, redirectUri);
    const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce };
    const tokens = await openid.authorizationCodeGrant(this.#configuration, callback, checks, { resource });
    return { accessToken: tokens.access_token, idToken: tokens.id_token };
  }

  /** Calls the API with `token`; `undefined` calls it without credentials. */
  async call(url, token, method = 'GET') {
    if (token === undefined) return this.send({ url, method, fields: {} });
    return read(openid.fetchProtectedResource(this.#configuration, token, new URL(url), method));
  }

  /** Calls the API with `token` and proofs by `keyHandle`; `sent` gets the requests that this took. */
  async callWithProof(url, token, method, keyHandle, sent) {
    const configuration = this.#fetchingBy((_, options) => {
      const { authorization, dpop } = options.headers;
      sent.push({ url, method, fields: { authorization, dpop } });
      return fetch(url, options);
    });
    const options = { DPoP: keyHandle };
    return read(openid.fetchProtectedResource(configuration, token, new URL(url), method, undefined, undefined, options));
  }

  /** Sends a request with these fields alone: one that was captured, or that another library made. */
  async send({ url, method, fields }) {
    const configuration = this.#fetchingBy((_, options) => fetch(url, { ...options, headers: fields }));
    return read(openid.fetchProtectedResource(configuration, 'none', new URL(url), method));
  }

  #fetchingBy(customFetch) {
    const configuration = new openid.Configuration(this.metadata, CLIENT.client_id, CLIENT);
    openid.allowInsecureRequests(configuration);
    configuration[openid.customFetch] = customFetch;
    return configuration;
  }
}

async function read(call) {
  try {
    return await answer(await call, []);
  } catch (error) {
    if (!(error instanceof openid.WWWAuthenticateChallengeError)) throw error;
    return answer(error.response, error.cause);
  }
}

async function answer(response, challenges) {
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const body = type.includes('json') ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, challenges, body };
}
