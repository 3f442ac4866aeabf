// Token exchange (RFC 8693) for the authorization server, which has none of its own: impersonates nobody, names the actor.
import { createLocalJWKSet, jwtVerify } from 'jose';
import { errors } from 'oidc-provider';

const GRANT = 'urn:ietf:params:oauth:grant-type:token-exchange';
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const PARAMETERS = ['audience', 'scope', 'subject_token', 'subject_token_type', 'requested_token_type'];

/** The metadata of a client that may exchange tokens. */
export const exchangingClient = (client_id, client_secret) => ({
  client_id,
  client_secret,
  grant_types: [GRANT],
  id_token_signed_response_alg: 'ES256',
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'client_secret_basic',
});

// The actor of the token that a request is for.
const acting = new WeakMap();

/** What an exchanged token says beside what all tokens say: who acts (RFC 8693, section 4.1). */
export const extraTokenClaims = (ctx) => (acting.has(ctx) ? { act: acting.get(ctx) } : undefined);

/** `resourceServerInfo` tells of a resource what its tokens are like; `own` is the audience that clients are called by. */
export function registerTokenExchange(provider, keys, own, resourceServerInfo) {
  const keySet = createLocalJWKSet({ keys: keys.map(publicMembers) });

  provider.registerGrantType(GRANT, async (ctx) => {
    const { client, params } = ctx.oidc;
    if (params.subject_token_type !== ACCESS_TOKEN || params.requested_token_type !== ACCESS_TOKEN) {
      throw new errors.InvalidRequest('access tokens alone are exchanged');
    }
    const subject = await verified(params.subject_token, provider.issuer);
    const token = new provider.AccessToken({
      accountId: subject.sub,
      client,
      gty: 'token_exchange',
      scope: params.scope,
    });
    token.resourceServer = new provider.ResourceServer(params.audience, resourceServerInfo(ctx, params.audience));
    acting.set(ctx, { sub: client.clientId, act: subject.act });
    ctx.oidc.entity('AccessToken', token);
    const value = await token.save();
    ctx.body = {
      access_token: value,
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: token.expiration,
      scope: token.scope,
    };
  }, PARAMETERS);

  async function verified(token, issuer) {
    try {
      const { payload } = await jwtVerify(token, keySet, { issuer, audience: own, typ: 'at+jwt' });
      return payload;
    } catch {
      throw new errors.InvalidGrant('the subject token is not one of ours for this client');
    }
  }
}

function publicMembers({ kty, kid, alg, crv, x, y, n, e }) {
  return { kty, kid, alg, crv, x, y, n, e };
}
