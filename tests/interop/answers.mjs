// What the answers of the API must look like, RFC 6750 and RFC 9457.
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';

/** 200, and the claims of `token` as they were signed. */
export function assertClaimsOf(token, answer) {
  assertStatus(answer, 200);
  assert.deepEqual(answer.body, decodeJwt(token));
}

export function assertStatus(answer, status) {
  assert.equal(answer.status, status, `${answer.status}: ${JSON.stringify(answer.body)}`);
}

/** 401 that says which schemes are accepted, and blames nobody. */
export function assertAsksForCredentials(answer) {
  assertProblem(answer, 401);
  const bearer = bearerChallenge(answer);
  assert.equal(bearer.realm, 'api');
  assert.equal(bearer.error, undefined);
  assert.equal(bearer.error_description, undefined);
  assert.equal(answer.body.error, undefined);
}

/** 401 with `error="invalid_token"`; returns the description that the client is given. */
export function assertInvalidToken(answer) {
  assertProblem(answer, 401);
  const bearer = bearerChallenge(answer);
  assert.equal(bearer.realm, 'api');
  assert.equal(bearer.error, 'invalid_token');
  assert.equal(answer.body.error, 'invalid_token');
  return bearer.error_description;
}

/** 401 with the error on the line of DPoP: the token is bound to another key, or to none. */
export function assertInvalidTokenByDpop(answer) {
  assertProblem(answer, 401);
  const dpop = challengeOf(answer, 'dpop');
  assert.equal(dpop.error, 'invalid_token');
  assert.equal(answer.body.error, 'invalid_token');
}

/** 401 with `error="invalid_dpop_proof"`, and the line of DPoP alone. */
export function assertInvalidProof(answer) {
  assertDpopAlone(answer, 'invalid_dpop_proof');
  assert.equal(answer.headers.get('dpop-nonce'), null);
}

/** 401 that demands a nonce and brings it (RFC 9449, section 9); returns the nonce. */
export function assertUseNonce(answer) {
  assertDpopAlone(answer, 'use_dpop_nonce');
  const nonce = answer.headers.get('dpop-nonce');
  assert.match(nonce, /^[\x21\x23-\x5b\x5d-\x7e]+$/);
  return nonce;
}

/** 403 that names the scope that is missing. */
export function assertInsufficientScope(answer, scope) {
  assertProblem(answer, 403);
  const bearer = bearerChallenge(answer);
  assert.equal(bearer.realm, 'api');
  assert.equal(bearer.error, 'insufficient_scope');
  assert.equal(bearer.scope, scope);
  assert.equal(answer.body.error, 'insufficient_scope');
}

/** 503 with the time of the next try, and no challenge: the client is not to blame. */
export function assertUnavailable(answer) {
  assertRetryLater(answer, 503);
}

/** 429 with the time of the next try, and no challenge: whether the token is valid cannot be known before. */
export function assertTooManyRequests(answer) {
  assertRetryLater(answer, 429);
}

function assertRetryLater(answer, status) {
  assertProblem(answer, status);
  const retryAfter = answer.headers.get('retry-after');
  assert.match(retryAfter, /^\d+$/);
  assert.ok(Number(retryAfter) >= 1 && Number(retryAfter) <= 60, `Retry-After: ${retryAfter}`);
  assert.equal(answer.headers.get('www-authenticate'), null);
  assert.equal(answer.body.error, undefined);
}

function assertProblem(answer, status) {
  assertStatus(answer, status);
  assert.equal(answer.headers.get('content-type'), 'application/problem+json');
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  assert.equal(answer.body.status, status);
  assert.equal(typeof answer.body.title, 'string');
}

// Some clients come again with the nonce only where no other scheme is told.
function assertDpopAlone(answer, error) {
  assertProblem(answer, 401);
  const { algs, ...rest } = challengeOf(answer, 'dpop');
  assert.equal(answer.challenges.length, 1);
  assert.equal(algs, 'ES256 ES384 EdDSA Ed25519 RS256 PS256');
  assert.equal(rest.error, error);
  assert.equal(answer.body.error, error);
}

function bearerChallenge(answer) {
  return challengeOf(answer, 'bearer');
}

// Another scheme may be offered beside it, but never carries the error of a scheme that was not used.
function challengeOf({ challenges }, used) {
  const own = challenges.filter(({ scheme }) => scheme === used);
  assert.equal(own.length, 1, `challenges: ${JSON.stringify(challenges)}`);
  for (const { scheme, parameters } of challenges) {
    if (scheme !== used) assert.equal(parameters.error, undefined);
  }
  return own[0].parameters;
}
