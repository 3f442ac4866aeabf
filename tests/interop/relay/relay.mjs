// What stands between a client and a server, and can go deaf: TCP goes on to acknowledge, and nobody answers.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Relay {
  #coming = 0;
  #connections = new Set();
  #port;
  #server;

  /** Leads to the port that `lead` names later, because a server may have to know the relay's address first. */
  static async start() {
    const relay = new Relay();
    relay.#server = createServer((client) => relay.#carry(client)).listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  /** How many connections there have been. */
  connections = 0;

  get port() {
    return this.#server.address().port;
  }

  lead(port) {
    this.#port = port;
  }

  /** From now on, nothing passes on the connections that there are, nor on the next `coming` ones. */
  goDeaf(coming = 0) {
    for (const connection of this.#connections) connection.isDeaf = true;
    this.#coming = coming;
  }

  /** Resets each connection that there is when its client next sends something, as a peer does that forgot it. */
  forget() {
    for (const connection of this.#connections) connection.isForgotten = true;
  }

  async stop() {
    for (const { client, server } of this.#connections) {
      client.destroy();
      server.destroy();
    }
    this.#server.close();
    await once(this.#server, 'close');
  }

  #carry(client) {
    this.connections += 1;
    const server = connect(this.#port, '127.0.0.1');
    const connection = { client, server, isDeaf: this.#coming > 0 };
    if (connection.isDeaf) this.#coming -= 1;
    this.#connections.add(connection);
    client.on('data', (bytes) => {
      if (connection.isForgotten) client.resetAndDestroy();
      else if (!connection.isDeaf) server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!connection.isDeaf) client.write(bytes);
    });
    client.on('error', () => {}).on('close', () => {
      this.#connections.delete(connection);
      server.destroy();
    });
    // Of a server that gives up a deaf connection, its client hears nothing either.
    server.on('error', () => {}).on('close', () => {
      if (!connection.isDeaf) client.destroy();
    });
  }
}
