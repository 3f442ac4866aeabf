// How Debian's nginx is run for a test.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const nginx = {
  name: 'nginx',
  recipe: 'nginx.conf',
  settings: 'nginx.toml',
  replace: ({ port, upstreams }) => [
    ['listen 443', `listen 127.0.0.1:${port}`],
    ['127.0.0.1:3000', upstreams.join('; server ')],
  ],
  async command({ directory, file }) {
    const main = join(directory, 'main.conf');
    // One process, which ends as a whole; as root, it writes what it buffers into a folder of root's.
    await writeFile(main, `
      daemon off;
      master_process off;
      ${process.getuid() === 0 ? 'user root;' : ''}
      pid nginx.pid;
      error_log stderr;
      events {}
      http {
        access_log off;
        client_body_temp_path body;
        fastcgi_temp_path fastcgi;
        proxy_temp_path proxy;
        scgi_temp_path scgi;
        uwsgi_temp_path uwsgi;
        include ${file};
      }
    `);
    return ['nginx', ['-p', directory, '-c', main]];
  },
};
