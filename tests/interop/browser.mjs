// A person with a browser: follows redirects, keeps cookies, fills in the forms it meets.

/** Opens `start` and returns the URL that the browser is sent to at `redirectUri`. */
export async function signIn(start, redirectUri) {
  const cookies = new Map();
  let step = { url: start };
  for (let steps = 0; steps < 20; steps += 1) {
    const response = await open(step, cookies);
    const location = response.headers.get('location');
    const target = location && new URL(location, step.url);
    if (target?.href.startsWith(redirectUri)) return target;
    step = target ? { url: target } : submission(await response.text(), step.url);
  }
  throw new Error(`the sign-in at ${start} does not end`);
}

async function open({ url, form }, cookies) {
  const response = await fetch(url, {
    method: form ? 'POST' : 'GET',
    body: form,
    headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    redirect: 'manual',
  });
  for (const field of response.headers.getSetCookie()) {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(field);
    if (value) cookies.set(name, value);
    else cookies.delete(name);
  }
  return response;
}

function submission(page, base) {
  const action = /<form[^>]* action="([^"]+)"/.exec(page);
  if (!action) throw new Error(`no form at ${base}: ${page}`);
  const [, prompt] = /name="prompt" value="(\w+)"/.exec(page);
  return {
    url: new URL(action[1], base),
    form: new URLSearchParams({ prompt, login: 'alice', password: 'any' }),
  };
}
