// Debian's HAProxy.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describePrefix } from './prefix.mjs';
import { describeProxy } from './suite.mjs';

const haproxy = {
  name: 'HAProxy',
  recipe: 'haproxy.cfg',
  settings: 'haproxy.toml',
  replace: ({ port, upstreams: [upstream] }) => [
    ['bind :443', `bind 127.0.0.1:${port}`],
    ['127.0.0.1:3000', upstream],
  ],
  async command({ directory, file }) {
    const read = (name) => readFile(join(directory, name));
    const pem = Buffer.concat([await read('server.pem'), await read('server-key.pem')]);
    await writeFile(join(directory, 'server-with-key.pem'), pem);
    return ['haproxy', ['-db', '-f', file]];
  },
};

describeProxy(haproxy, {
  versions: ['1.1', '2'],
  certificate: { header: 'client-cert', format: 'rfc9440' },
});
describePrefix(haproxy, 'haproxy-prefix.cfg');
