#!/usr/bin/env bash
# npm @modelcontextprotocol/sdk 1.32.2, from 2026: its client reads a WWW-Authenticate field only if the value begins
# with Bearer, although RFC 9110, section 11.6.1, leaves the order of challenges open. A server that also offers DPoP
# first loses the step-up, the scopes and the address of its metadata, without any error. Two field lines do not help:
# fetch joins them. npm @modelcontextprotocol/client 2.4.0 reads both orders.
#
# Seen, for `DPoP …, Bearer error="insufficient_scope", scope="write", resource_metadata="…"`:
#   sdk 1.32.2, Bearer first   insufficient_scope write https://api.example.com/m
#   sdk 1.32.2, DPoP first     undefined undefined undefined
#   client 2.4.0, Bearer first insufficient_scope write https://api.example.com/m
#   client 2.4.0, DPoP first   insufficient_scope write https://api.example.com/m
# Exits with 1 if that changes.
set -euo pipefail
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cd "$directory"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0

cat >read.mjs <<'END'
import { extractWWWAuthenticateParams as sdk } from '@modelcontextprotocol/sdk/client/auth.js';
import { extractWWWAuthenticateParams as client } from '@modelcontextprotocol/client';

const bearer = 'Bearer error="insufficient_scope", scope="write", resource_metadata="https://api.example.com/m"';
const dpop = 'DPoP algs="ES256"';

function show(name, read, value) {
  const response = new Response(null, { status: 403, headers: { 'www-authenticate': value } });
  const { error, scope, resourceMetadataUrl } = read(response);
  console.log(`${name.padEnd(26)} ${error} ${scope} ${resourceMetadataUrl}`);
}

show('sdk 1.32.2, Bearer first', sdk, `${bearer}, ${dpop}`);
show('sdk 1.32.2, DPoP first', sdk, `${dpop}, ${bearer}`);
show('client 2.4.0, Bearer first', client, `${bearer}, ${dpop}`);
show('client 2.4.0, DPoP first', client, `${dpop}, ${bearer}`);
END

node read.mjs | tee seen
diff seen - <<'END'
sdk 1.32.2, Bearer first   insufficient_scope write https://api.example.com/m
sdk 1.32.2, DPoP first     undefined undefined undefined
client 2.4.0, Bearer first insufficient_scope write https://api.example.com/m
client 2.4.0, DPoP first   insufficient_scope write https://api.example.com/m
END
