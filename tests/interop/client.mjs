// A real OAuth client: gets tokens from the authorization server and calls the API with them.
import * as openid from 'openid-client';
import { signIn } from './browser.mjs';
import { CLIENT, resourceSignedWith } from './provider.mjs';

export class Client {
  #anonymous;
  #configuration;

  /** Reads the metadata of `issuer`. */
  static async discover(issuer) {
    const client = new Client();
    client.#configuration = await configure(issuer);
    client.#anonymous = await configure(issuer);
    client.#anonymous[openid.customFetch] = withoutCredentials;
    return client;
  }

  get metadata() {
    return this.#configuration.serverMetadata();
  }

  /** An access token of the client itself. */
  async accessToken(resource = resourceSignedWith('ES256'), scope = undefined) {
    const parameters = scope === undefined ? { resource } : { resource, scope };
    const tokens = await openid.clientCredentialsGrant(this.#configuration, parameters);
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
    const configuration = token === undefined ? this.#anonymous : this.#configuration;
    try {
      const response = await openid.fetchProtectedResource(configuration, token ?? 'none', new URL(url), method);
      return await answer(response, []);
    } catch (error) {
      if (!(error instanceof openid.WWWAuthenticateChallengeError)) throw error;
      return answer(error.response, error.cause);
    }
  }
}

function configure(issuer) {
  return openid.discovery(new URL(issuer), CLIENT.client_id, CLIENT, undefined, {
    execute: [openid.allowInsecureRequests],
    timeout: 10,
  });
}

// openid-client calls no API without a token, so the field is taken off on its way.
function withoutCredentials(url, options) {
  const headers = new Headers(options.headers);
  headers.delete('authorization');
  return fetch(url, { ...options, headers });
}

async function answer(response, challenges) {
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  const body = type.includes('json') ? JSON.parse(text) : text;
  return { status: response.status, headers: response.headers, challenges, body };
}
