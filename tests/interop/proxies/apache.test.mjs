// Debian's Apache.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describePrefix } from './prefix.mjs';
import { describeProxy } from './suite.mjs';

const MODULES = ['authz_core', 'headers', 'mpm_event', 'proxy', 'proxy_http', 'socache_shmcb', 'ssl'];

const apache = {
  name: 'Apache',
  recipe: 'apache.conf',
  settings: 'apache.toml',
  replace: ({ port, upstreams: [upstream] }) => [
    ['*:443', `127.0.0.1:${port}`],
    ['127.0.0.1:3000', upstream],
  ],
  async command({ directory, file, port }) {
    const main = join(directory, 'main.conf');
    await writeFile(main, `
      ServerRoot ${directory}
      ServerName localhost
      PidFile ${directory}/apache.pid
      ErrorLog ${directory}/error.log
      Listen 127.0.0.1:${port}
      ${MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
      User www-data
      Group www-data
      Include ${file}
    `);
    // One process, which ends as a whole.
    return ['apache2', ['-X', '-f', main]];
  },
};

describeProxy(apache, {
  versions: ['1.1'],
  certificate: { header: 'x-client-cert', format: 'pem' },
});
describePrefix(apache, 'apache-prefix.conf');
