// npm @modelcontextprotocol/sdk.
import { describe } from 'node:test';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { describeMcpClient } from './mcp-suite.mjs';

const finish = (transport, parameters) => transport.finishAuth(parameters.get('code'));

describe('the client of @modelcontextprotocol/sdk', () => {
  describeMcpClient({ Client, Transport, UnauthorizedError, finish });
});
