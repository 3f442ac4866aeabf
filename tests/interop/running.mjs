// An authorization server, a client of it and an API, for as long as a suite runs.
import { after, before } from 'node:test';
import { Client } from './client.mjs';
import { keysForAllAlgorithms } from './keys.mjs';
import { AuthorizationServer } from './provider.mjs';

/** `startApi` gets the server that the API trusts; `tell` gets all three, before the first test. */
export function running(startApi, tell) {
  let api;
  let server;

  before(async () => {
    server = await AuthorizationServer.start(await keysForAllAlgorithms());
    const client = await Client.discover(server.issuer);
    api = await startApi(server);
    tell({ api, client, server });
  });
  after(async () => {
    await api?.stop();
    await server?.stop();
  });
}
