// Clients that hold a key and prove it with each request (RFC 9449): one for each library that makes the proofs.
import * as dpop from 'dpop';
import { decodeProtectedHeader } from 'jose';
import { InMemoryWebStorage, OidcClient, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import { randomDPoPKeyPair } from 'openid-client';
import { signIn } from './browser.mjs';
import { CLIENT, SCOPES, resourceSignedWith } from './provider.mjs';

const resource = resourceSignedWith('ES256');

/** openid-client, which follows nonces by itself. */
export class OpenidClient {
  static algorithms = ['ES256', 'ES384', 'Ed25519', 'RS256', 'PS256'];

  /** The requests that were sent to the API, the last one last. */
  sent = [];
  #client;
  #keyHandle;

  /** A new key, and a token that is bound to it. */
  static async enrol(client, algorithm) {
    const holder = new OpenidClient();
    holder.#client = client;
    holder.#keyHandle = client.keyHandle(await randomDPoPKeyPair(algorithm));
    holder.token = await client.accessToken(resource, SCOPES, holder.#keyHandle);
    return holder;
  }

  /** Calls the API with the token and a new proof, and again if a nonce is demanded. */
  call(url, method = 'GET') {
    return this.#client.callWithProof(url, this.token, method, this.#keyHandle, this.sent);
  }

  /** Takes a nonce for the next proof of a request to `url`. */
  learn(nonce, url) {
    this.#keyHandle.cacheNonce(new Response(null, { headers: { 'dpop-nonce': nonce } }), new URL(url));
  }
}

// Libraries that make a proof when they are told to, and leave nonces to their user.
class ProofMaker {
  sent = [];
  #client;
  #nonce;

  constructor(client) {
    this.#client = client;
  }

  async call(url, method = 'GET') {
    const answer = await this.#send(url, method);
    const [{ parameters } = {}] = answer.challenges;
    return parameters?.error === 'use_dpop_nonce' ? this.#send(url, method) : answer;
  }

  learn(nonce) {
    this.#nonce = nonce;
  }

  async #send(url, method) {
    const proof = await this.proof(url, method, this.#nonce);
    this.sent.push({ url, method, fields: { authorization: `DPoP ${this.token}`, dpop: proof } });
    const answer = await this.#client.send(this.sent.at(-1));
    this.#nonce = answer.headers.get('dpop-nonce') ?? this.#nonce;
    return answer;
  }
}

/** The package dpop. */
export class DpopPackage extends ProofMaker {
  static algorithms = ['ES256', 'Ed25519', 'RS256', 'PS256'];

  #keys;

  static async enrol(client, algorithm) {
    const holder = new DpopPackage(client);
    holder.#keys = await dpop.generateKeyPair(algorithm);
    const endpoint = client.metadata.token_endpoint;
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        authorization: `Basic ${btoa(`${CLIENT.client_id}:${CLIENT.client_secret}`)}`,
        dpop: await dpop.generateProof(holder.#keys, endpoint, 'POST'),
      },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource, scope: SCOPES }),
    });
    ({ access_token: holder.token } = await response.json());
    return holder;
  }

  // Its user gives it the URI without query, as its documentation says.
  proof(url, method, nonce) {
    const { origin, pathname } = new URL(url);
    return dpop.generateProof(this.#keys, origin + pathname, method, nonce, this.token);
  }
}

/** oidc-client-ts, for a person who signs in; it keeps the query in `htu`. */
export class OidcClientTs extends ProofMaker {
  static algorithms = ['ES256'];

  #manager;

  static async enrol(client) {
    // It is for pages alone, and finds WebCrypto there.
    globalThis.window ??= globalThis;
    const holder = new OidcClientTs(client);
    const { client_id, client_secret, redirect_uris: [redirect_uri] } = CLIENT;
    const store = new WebStorageStateStore({ store: new InMemoryWebStorage() });
    const settings = {
      authority: client.metadata.issuer,
      automaticSilentRenew: false,
      client_authentication: 'client_secret_basic',
      client_id,
      client_secret,
      dpop: { store: new KeyStore() },
      extraTokenParams: { resource },
      redirect_uri,
      resource,
      scope: `openid ${SCOPES}`,
      stateStore: store,
      userStore: store,
    };
    holder.#manager = new UserManager(settings);
    // The manager itself would set timers for the end of the token, and the process would wait for them.
    const oidc = new OidcClient(settings);
    const { url } = await oidc.createSigninRequest({});
    const callback = await signIn(url, redirect_uri);
    ({ access_token: holder.token } = await oidc.processSigninResponse(callback.href, {}));
    return holder;
  }

  proof(url, method, nonce) {
    return this.#manager.dpopProof(url, { access_token: this.token }, method, nonce);
  }
}

// Where oidc-client-ts keeps its keys, without a browser's database.
class KeyStore {
  #keys = new Map();

  async set(name, value) {
    this.#keys.set(name, value);
  }

  async get(name) {
    return this.#keys.get(name);
  }

  async remove(name) {
    const value = this.#keys.get(name);
    this.#keys.delete(name);
    return value;
  }

  async getAllKeys() {
    return [...this.#keys.keys()];
  }
}

/** The public key that a request proves. */
export function keyOf({ fields }) {
  return decodeProtectedHeader(fields.dpop).jwk;
}
