// Keeps the provider's warnings about its development-only parts, which this suite wants, out of the test report.
const { warn } = console;

console.warn = (message, ...rest) => {
  if (!String(message).startsWith('oidc-provider WARNING')) warn(message, ...rest);
};
