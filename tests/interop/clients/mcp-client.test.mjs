// npm @modelcontextprotocol/client.
import { describe } from 'node:test';
import { Client, StreamableHTTPClientTransport as Transport, UnauthorizedError } from '@modelcontextprotocol/client';
import { describeMcpClient } from './mcp-suite.mjs';

const finish = (transport, parameters) => transport.finishAuth(parameters);

describe('the client of @modelcontextprotocol/client', () => {
  describeMcpClient({ Client, Transport, UnauthorizedError, finish });
});
